// Rotating a tenant's key where it is: new key material under the same name.
import type { Actor } from '../../model/audit-event.ts';
import { keyOf } from '../../model/tenant.ts';
import type { Request } from '../core/request-context.ts';
import { type Turned, type TurnParts, turn, turnableTenant } from './turn.ts';

/**
 * Asks the key service for new material in the tenant's key, and raises the generation. Killed in between, the material
 * is new and the generation is not: doing it again is harmless. Throws the key service's errors, and as `turn`.
 */
export async function rotateMaterial(vault: TurnParts, by: Actor, id: string, request: Request): Promise<Turned> {
  const tenant = await turnableTenant(vault, id, request);
  await vault.keys.rotate(keyOf(tenant), request);
  return turn(vault, by, tenant, { how: 'material' }, request);
}
