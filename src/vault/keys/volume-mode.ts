// Volume mode: data keys wrapped under a tenant KEK from now on, or no longer.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { RequestContext } from '../core/request-context.ts';
import { type RotationDeps, type RotationResult, rotateKey, tenantWithKey } from './turn.ts';

/**
 * Turns a tenant's volume mode on or off: a new generation either way, and a re-wrap brings older keys to it. Throws
 * `conflict` where it is so already, the key service's errors, and as `turn`.
 */
export async function setVolumeMode(
  vault: RotationDeps,
  by: Actor,
  id: string,
  on: boolean,
  request: RequestContext,
): Promise<RotationResult> {
  const tenant = await tenantWithKey(vault, id, request);
  if ((tenant.volume === 1) === on) throw new VaultError('conflict', `volume mode is ${on ? 'on' : 'off'} already`);
  const to = { volume: on ? 1 : 0 };
  return rotateKey(vault, by, tenant, { how: on ? 'volume-on' : 'volume-off', to }, request);
}
