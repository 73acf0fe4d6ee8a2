// A page of recordings, for list and search.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Caller } from '../../model/principal.ts';
import type { RecordingCursor } from '../../model/recording.ts';
import type { IndexValue, OwnAccessFilter, RecordingFilter } from '../../ports/rows/recording-rows.ts';
import { type ListedRecording, listedRecordings } from '../access/access-states.ts';
import { areIndexesComplete } from '../core/facts/complete-indexes.ts';
import type { RequestContext } from '../core/request-context.ts';
import { scopeFilter, scopeUnder } from '../core/scope/read-scope.ts';
import type { Vault } from '../core/vault.ts';

/** Filters by clear columns; `mine` filters by the caller's access state. */
export type RecordingListOptions = Omit<RecordingFilter, 'indexes' | 'mine' | 'scope'> & {
  readonly mine?: OwnAccessFilter['access'];
};

/**
 * A page, and the cursor of the next one; null at the end. Not `complete`: older recordings that match may be missing, since
 * their indexes are not up to date yet.
 */
export type RecordingPage = {
  readonly recordings: readonly ListedRecording[];
  readonly next: RecordingCursor | null;
  readonly complete: boolean;
};

/** At most `limit` recordings that match a filter, newest call first, after a cursor. */
export async function readRecordingPage(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  metadataKey: SecretKey,
  { mine, ...narrowed }: RecordingListOptions,
  indexes: readonly IndexValue[],
  after: RecordingCursor | null,
  limit: number,
  request: RequestContext,
): Promise<RecordingPage> {
  return vault.db.read(async (rows) => {
    const own =
      mine === undefined ? {} : { mine: { person: by.principal, access: mine, now: await rows.now() } as const };
    const filter = { ...narrowed, ...own, indexes };
    // One more than `limit` shows whether there is a next page.
    const labels = indexes.map(({ label }) => label);
    const [look, complete, unlimited] = await Promise.all([
      rows.looks.policy(by.tenant),
      areIndexesComplete(rows, by.tenant, labels),
      rows.recordings.page(by.tenant, filter, after, limit + 1),
    ]);
    // Most tenants limit no one to teams: their page needs no wait for the policy.
    const scope = await scopeFilter(rows, await scopeUnder(rows, metadataKey, by, look?.policy ?? null));
    const found =
      scope === undefined ? unlimited : await rows.recordings.page(by.tenant, { ...filter, scope }, after, limit + 1);
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      recordings: await listedRecordings(rows, metadataKey, by, look, shown),
      next: found.length > limit && last !== undefined ? { startedAt: last.startedAt, id: last.id } : null,
      complete,
    };
  }, request);
}
