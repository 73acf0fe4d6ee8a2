// Raising a tenant's generation alone: for material that somebody else rotated, by schedule or in another account.
import type { Actor } from '../../model/audit-event.ts';
import type { Request } from '../core/request-context.ts';
import { type Turned, type TurnParts, turn, turnableTenant } from './turn.ts';

/** Raises the generation: a re-wrap then brings every key to it. Throws as `turn`. */
export async function raiseGeneration(vault: TurnParts, by: Actor, id: string, request: Request): Promise<Turned> {
  return turn(vault, by, await turnableTenant(vault, id, request), { how: 'raise' }, request);
}
