// How a change that a command waits for has ended so far, with the reason of a rejection.
import { VaultError } from '../../errors.ts';
import type { Change } from '../../model/change/change.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { activeOwner } from './owner.ts';
import { refusalOf } from './sealed-texts.ts';

/** A change as a command sees it, and the reason where another person rejected it. */
export type ChangeOutcome = { readonly change: Change; readonly reason: string | null };

/**
 * The change now; one that is overdue is EXPIRED, although background work may not have ended it yet. Throws `not_found`,
 * and the key service's errors where it has a reason to open.
 */
export async function readOutcome(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  id: string,
  request: RequestContext,
): Promise<ChangeOutcome> {
  const { found, now } = await vault.db.read(
    async (rows) => ({ found: await rows.changes.byId(id), now: await rows.now() }),
    request,
  );
  if (found === null) throw new VaultError('not_found', 'there is no such change');
  const overdue = (found.state === 'OPEN' || found.state === 'APPROVED') && found.expires <= now;
  const change: Change = overdue ? { ...found, state: 'EXPIRED' } : found;
  if (change.reason === null) return { change, reason: null };
  const { metadataKey } = await activeOwner(vault, change.tenant, request);
  return { change, reason: refusalOf(metadataKey, change) };
}
