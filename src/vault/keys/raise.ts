// Raising a tenant's generation alone: for material that somebody else rotated, by schedule or in another account.
import type { Actor } from '../../model/audit-event.ts';
import type { RequestContext } from '../core/request-context.ts';
import { type RotationDeps, type RotationResult, rotateKey, tenantWithKey } from './turn.ts';

/** Raises the generation: a re-wrap then brings every key to it. Throws as `turn`. */
export async function raiseGeneration(
  vault: RotationDeps,
  by: Actor,
  id: string,
  request: RequestContext,
): Promise<RotationResult> {
  return rotateKey(vault, by, await tenantWithKey(vault, id, request), { how: 'raise' }, request);
}
