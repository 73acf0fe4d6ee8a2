// Volume mode: data keys wrapped under a tenant KEK from now on, or no longer.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { Request } from '../core/request-context.ts';
import { type Turned, type TurnParts, turn, turnableTenant } from './turn.ts';

/**
 * Turns a tenant's volume mode on or off: a new generation either way, and a re-wrap brings older keys to it. Throws
 * `conflict` where it is so already, the key service's errors, and as `turn`.
 */
export async function turnVolumeMode(
  vault: TurnParts,
  by: Actor,
  id: string,
  on: boolean,
  request: Request,
): Promise<Turned> {
  const tenant = await turnableTenant(vault, id, request);
  if ((tenant.volume === 1) === on) throw new VaultError('conflict', `volume mode is ${on ? 'on' : 'off'} already`);
  const to = { volume: on ? 1 : 0 };
  return turn(vault, by, tenant, { how: on ? 'volume-on' : 'volume-off', to }, request);
}
