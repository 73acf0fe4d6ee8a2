// Rotating a tenant's key where it is: new key material under the same name.
import type { Actor } from '../../model/audit-event.ts';
import { keyOf } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import { type RotationDeps, type RotationResult, rotateKey, tenantWithKey } from './turn.ts';

/**
 * Asks the key service for new material in the tenant's key, and raises the generation. Killed in between, the material
 * is new and the generation is not: doing it again is harmless. Throws the key service's errors, and as `turn`.
 */
export async function rotateKeyMaterial(
  vault: RotationDeps,
  by: Actor,
  id: string,
  request: RequestContext,
): Promise<RotationResult> {
  const tenant = await tenantWithKey(vault, id, request);
  await vault.keys.rotate(keyOf(tenant), request);
  return rotateKey(vault, by, tenant, { how: 'material' }, request);
}
