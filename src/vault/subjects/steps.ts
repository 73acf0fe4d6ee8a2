// Steps of a subject request before its decision: the proof of identity, the search, and the extension.
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased } from '../../model/recording.ts';
import { extendedDue } from '../../model/subject/due.ts';
import { MAX_MATCHES, type SubjectMatch, type SubjectRequest } from '../../model/subject/request.ts';
import type { Rows } from '../../ports/database.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { areIndexesComplete } from '../core/facts/complete-indexes.ts';
import { chargeLookups } from '../core/facts/search-budget.ts';
import type { RequestContext } from '../core/request-context.ts';
import { openPerson, sealOfSubject } from '../core/subjects/sealed-subject.ts';
import type { Vault } from '../core/vault.ts';
import { changeSubject, type SubjectStep } from './change-subject.ts';
import { indexesOfPerson } from './open.ts';
import { isPending, type SubjectResult } from './view.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'phones'>;

/** Records how the person's identity was checked; once more replaces it, until the request is decided. Throws `conflict`. */
export function identifySubject(
  vault: Deps,
  by: Caller,
  id: string,
  how: string,
  request: RequestContext,
): Promise<SubjectResult> {
  return changeSubject(vault, by, id, { exclusive: false }, request, async (at) => {
    const { tx, metadataKey, row } = at;
    await requireUndecided(at);
    const evidence = sealOfSubject(metadataKey, row, 'evidence', { how, by: by.principal });
    const made = event(by.tenant, actorOf(by), 'subject.identified', { id, ...presentedCredential(by) }, request);
    return { to: { identified: await tx.now(), evidence }, events: [withDetail(made, metadataKey, { how })] };
  });
}

/** Calls that a search looks at: from the one time to before the other. */
export type SearchedPeriod = { readonly from?: string; readonly to?: string };

/**
 * Finds the person's recordings; a repeated search adds those that came since. Throws `conflict` before the identity was
 * checked, while a decision waits, and where it finds more than one request may have; and as `chargeLookups`, for each
 * number and field.
 */
export function searchSubject(
  vault: Deps,
  by: Caller,
  id: string,
  period: SearchedPeriod,
  request: RequestContext,
): Promise<SubjectResult> {
  // Exclusively: a recording that is being erased is erased before, or found and kept.
  return changeSubject(vault, by, id, { exclusive: true }, request, async (at) => {
    const { tx, tenant, metadataKey, row } = at;
    await requireUndecided(at);
    if (row.identified === null)
      throw new VaultError('conflict', "the person's identity is not recorded yet: record how you checked it first");
    const indexes = indexesOfPerson(vault, metadataKey, tenant, openPerson(metadataKey, row));
    const labels = indexes.map(({ label }) => label);
    if (!(await areIndexesComplete(tx, tenant.tenant, labels)))
      throw new VaultError('not_available', 'older recordings do not have their indexes yet: try again in a minute', {
        retryAfter: 60,
      });
    const lookups = indexes.map((index) => [index]);
    const used = await chargeLookups(tx, by, lookups, metadataKey, request);
    const found = await recordingsOfPerson(tx, tenant.tenant, indexes, period);
    await tx.subjects.addMatches(found.map((recording) => newMatch(row, recording)));
    const all = await tx.subjects.matches(tenant.tenant, id, '', MAX_MATCHES + 1);
    requireFew(all.length);
    const object = { id, found: all.length, ...presentedCredential(by) };
    const made = event(by.tenant, actorOf(by), 'subject.searched', object, request);
    return { to: { state: 'SEARCHED', searched: await tx.now(), round: row.round + 1 }, events: [made, ...used] };
  });
}

/** Moves the due date by two months, once. Throws `conflict` where it was moved before. */
export function extendSubject(
  vault: Deps,
  by: Caller,
  id: string,
  reason: string,
  request: RequestContext,
): Promise<SubjectResult> {
  return changeSubject(vault, by, id, { exclusive: false }, request, async ({ tx, metadataKey, row }) => {
    if (row.extended !== null) throw new VaultError('conflict', 'the time for the answer was extended before');
    const due = extendedDue(row.due);
    const made = event(by.tenant, actorOf(by), 'subject.extended', { id, due, ...presentedCredential(by) }, request);
    return { to: { due, extended: await tx.now() }, events: [withDetail(made, metadataKey, { reason })] };
  });
}

/** Throws `conflict` while a decision waits for its second person or is being done. */
export async function requireUndecided({ tx, tenant, row }: Pick<SubjectStep, 'tx' | 'tenant' | 'row'>): Promise<void> {
  const change = row.change === null ? null : await tx.changes.find(tenant.tenant, row.change);
  if (isPending(change, await tx.now()))
    throw new VaultError('conflict', `change ${change?.id} decides this request: withdraw it, or wait until it ends`);
  if (row.state === 'DOING')
    throw new VaultError('conflict', 'this request was decided: what was decided is being done');
}

/** Recordings of one read. */
const PAGE = 500;
const END_OF_TIME = '9999-12-31T23:59:59.999Z';

async function recordingsOfPerson(
  rows: Pick<Rows, 'consent' | 'recordings'>,
  tenant: string,
  indexes: readonly IndexValue[],
  { from = '', to = END_OF_TIME }: SearchedPeriod,
): Promise<string[]> {
  const found = new Set<string>();
  for (const index of indexes)
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page: string[] = await rows.consent.recordingsOf(tenant, index, to, after, PAGE);
      for (const { id, startedAt, ...row } of await rows.recordings.findMany(tenant, page))
        if (!isErased(row) && startedAt >= from) found.add(id);
      requireFew(found.size);
      after = page.length < PAGE ? undefined : page.at(-1);
    }
  return [...found].sort();
}

function requireFew(found: number): void {
  if (found > MAX_MATCHES)
    throw new VaultError(
      'conflict',
      `the person has more than ${MAX_MATCHES} recordings: search by years, with from and to, and open a request for each`,
    );
}

function newMatch({ tenant, id, kinds }: SubjectRequest, recording: string): SubjectMatch {
  const holds = kinds.includes('access');
  return { tenant, request: id, recording, outcome: null, done: null, holds, told: null };
}
