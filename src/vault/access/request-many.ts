// Requests for many recordings at once: one reason, one transaction, an outcome for each.
import { isId, newId } from '../../bytes/ids.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { eventList, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import { type Check, firstFailure } from '../../model/check.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import type { Caller } from '../../model/principal.ts';
import type { LockedAccess } from '../../ports/rows/look-rows.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { scopeUnder } from '../core/scope/read-scope.ts';
import { metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { lockedAccess } from './locked-access.ts';
import { insertAccessRequest, type NewAccessRequest } from './request-access.ts';

/** At most so many recordings in one request: as many as one proof decides. */
export const MOST_REQUESTED = 50;

/** What came of one recording: its request, or why there is none. */
export type RequestOutcome = {
  readonly recording: string;
  readonly request: string | null;
  /** Of the first failed check, `not_found` or `erased`; null for a request. */
  readonly code: string | null;
};

export type ManyRequested = { readonly outcomes: readonly RequestOutcome[]; readonly receipt: Receipt | undefined };

/** The same for each of these recordings. */
export type ManyRequests = Omit<NewAccessRequest, 'recording'> & { readonly recordings: readonly string[] };

/**
 * Creates a request for each recording; one that is not possible gets its outcome, and the others go on. Outcomes are in
 * the order of the recordings' ids. Throws `malformed` for one named twice, and as `requestAccess` where none is
 * possible.
 */
export async function requestMany(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  { recordings, ...what }: ManyRequests,
  request: RequestContext,
): Promise<ManyRequested> {
  const ids = recordingsInOrder(recordings);
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    // In one order, so that two of these do not wait for each other.
    const lock = async () => {
      const all = await Promise.all(ids.map(async (id) => (isId(id, 'rec') ? tx.looks.lockToAsk(by, id) : null)));
      const first = all.find((one) => one !== null);
      return first === undefined ? null : { ...first, all };
    };
    const { caller, found, now } = await lockedAccess(tx, metadataKey, by, lock, 'there is no such recording');
    const scope = await scopeUnder(tx, metadataKey, by, found.policy);
    const asking = { by, caller, scope, metadataKey, now, request };
    const [outcomes, events]: [RequestOutcome[], NewEvent[]] = [[], []];
    let failure: unknown = null;
    for (const [at, recording] of ids.entries()) {
      try {
        const locked: LockedAccess | null | undefined = found.all[at];
        if (locked === null || locked === undefined) throw new VaultError('not_found', 'there is no such recording');
        const { row, made } = await insertAccessRequest(tx, asking, locked, { ...what, recording });
        events.push(made);
        outcomes.push({ recording, request: row.id, code: null });
      } catch (error) {
        // Before it wrote anything: see `insertAccessRequest`.
        const code = refusalOf(error);
        if (code === null) throw error;
        failure ??= error;
        outcomes.push({ recording, request: null, code });
        // What the caller may not know of is no event of this tenant.
        if (code === 'not_found') continue;
        const { id: policy } = policyOf(metadataKey, found.policy);
        const facts = { recording, purpose: what.purpose, objects: eventList(what.objects), minutes: what.minutes };
        const object = { id: newId('req'), ...facts, approvals: 0, policy, why: code, ...presentedCredential(by) };
        const made = event(by.tenant, actorOf(by), 'access.requested', object, request, 'refused');
        events.push(withDetail(made, metadataKey, { reason: '' }));
      }
    }
    if (outcomes.every((one) => one.request === null)) throw failure;
    // Only recordings with an event, so that a repetition reads exactly the events of this change.
    const logged = outcomes.filter(({ code }) => code !== 'not_found').map(({ recording }) => recording);
    return { result: outcomes, events, ...replyToStore(request, 'done', ...logged) };
  }, request);
  return { outcomes: result, receipt: receipts[0] };
}

/** The first result of `requestMany` for the same recordings, from the events that it wrote. */
export async function replayRequests(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  recordings: readonly string[],
  { ids, receipt }: StoredOutcome,
  request: RequestContext,
): Promise<ManyRequested> {
  const events = await vault.db.read((rows) => rows.log.events(by.tenant, receipt?.seq ?? 0, ids.length), request);
  const leaves = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []);
  // Replies of older versions name recordings without an event too, so events of others may follow.
  const own = leaves.filter(({ action, actor }) => action === 'access.requested' && actor.id === by.principal);
  const outcomes = recordingsInOrder(recordings).map((recording) =>
    outcomeOf(
      recording,
      own.find(({ object }) => object['recording'] === recording),
    ),
  );
  return { outcomes, receipt };
}

function outcomeOf(recording: string, leaf: Leaf | undefined): RequestOutcome {
  if (leaf === undefined) return { recording, request: null, code: 'not_found' };
  if (leaf.outcome !== 'ok') return { recording, request: null, code: String(leaf.object['why'] ?? '') };
  return { recording, request: leaf.object.id, code: null };
}

/** The ids in order. Throws `malformed` for one named twice. */
export function recordingsInOrder(recordings: readonly string[]): readonly string[] {
  const sorted = [...recordings].sort();
  if (sorted.every((id, at) => id !== sorted[at - 1])) return sorted;
  const fields = [{ pointer: '/recordings', detail: 'names a recording twice' }];
  throw new VaultError('malformed', 'a list has each recording once', { fields });
}

/** The code of an error that is about one recording; null for others. */
function refusalOf(error: unknown): string | null {
  if (!hasCode(error, 'access_refused', 'not_found', 'erased') || !(error instanceof VaultError)) return null;
  return error.code === 'access_refused' ? (firstFailure((error.checks ?? []) as readonly Check[]) ?? '') : error.code;
}
