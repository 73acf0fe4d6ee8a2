// A body that fits one part: sealed in memory, claimed and committed in one transaction, and only then stored.
import { PART } from '../../envelope/sizes.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf } from '../../model/tenant.ts';
import { awaitBoth } from '../core/concurrency.ts';
import { actorOf, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { withBufferSlot } from './buffer-slots.ts';
import { claimInTransaction, insertWithKey, newDepositRow } from './claim.ts';
import { committed, objectRowsOf } from './commit.ts';
import type { DepositRules, KeyedDeposit, ObjectRows } from './deposit-types.ts';
import type { DescribedCall } from './describe.ts';
import { peaksOperation, sealPeaks } from './peaks.ts';
import { type DescribedDeposit, finishCommitted } from './run-deposit.ts';
import { type SealedInMemory, sealInMemory } from './sealed-object.ts';
import type { BodyFacts, WatchedBody } from './upload-bytes.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

/** Whether a body is known to fit one part. */
export function fitsOnePart({ length }: Pick<WatchedBody, 'length'>): boolean {
  return length !== null && length < PART;
}

/**
 * Deposits a body that fits one part. Nothing of it is stored before its row is COMMITTING, so a body that is cut, too
 * long or rejected leaves nothing at all. Throws as `deposit`.
 */
export async function depositOnePart(
  vault: Deps,
  keyed: KeyedDeposit,
  rules: DepositRules,
  request: RequestContext,
): Promise<DescribedDeposit> {
  const { body, type, name, recording, deposit, tenant: owner, key } = keyed;
  const { tenant } = owner;
  const identity = { tenant, recording, deposit };
  const { bytes, done } = withBufferSlot(body.bytes, vault.clock);
  const sealed: SealedInMemory[] = [];
  let stored = false;
  try {
    const plaintext = { type, bytes, length: body.length ?? 0 };
    const object = await sealInMemory(vault, key.dataKey, { ...identity, name }, plaintext);
    sealed.push(object);
    const facts = await body.finish();
    const peaks = facts.peaks === null ? null : await sealPeaks(vault, key.dataKey, identity, facts.peaks);
    if (peaks !== null) sealed.push(peaks);
    request.signal.throwIfAborted();
    const { row, rows, kept } = await claimAndCommit(vault, keyed, rules, { facts, sealed }, request);
    const store = async (wait: RequestContext): Promise<void> => {
      const put = async (one: SealedInMemory, op: string): Promise<void> =>
        vault.store.put(locationOf(owner), one.path, one.sealed, op, wait);
      if (peaks === null) await put(object, row.op);
      else await awaitBoth(put(object, row.op), put(peaks, peaksOperation(row)));
      stored = true;
    };
    const claimed = { tenant: owner, by: actorOf(keyed.by), key, row };
    const finished = await finishCommitted(vault, claimed, { facts, rows, store }, request);
    return { ...finished, kept };
  } finally {
    done();
    for (const one of sealed) await one.release(stored);
  }
}

/** The row, COMMITTING from its first moment, with its recording, key, envelope and objects. */
async function claimAndCommit(
  vault: Deps,
  keyed: KeyedDeposit,
  { mayCommit, factsFrom }: DepositRules,
  { facts, sealed }: { readonly facts: BodyFacts; readonly sealed: readonly SealedInMemory[] },
  request: RequestContext,
): Promise<Pick<DescribedCall, 'kept'> & { readonly row: Deposit; readonly rows: ObjectRows }> {
  const { key } = keyed;
  const metadataKey = await vault.metadataKeys.get(keyed.tenant, request);
  const members = sealed.map(({ entry }) => entry);
  const { result } = await vault.db.change(async (tx) => {
    const { facts: recordingFacts, kept, events } = await claimInTransaction(tx, vault, keyed, metadataKey, request);
    await mayCommit(tx);
    const claimed = await newDepositRow(tx, vault, keyed);
    const input = { key, factsFrom, metadataKey, recordingFacts, measured: facts, members };
    const row: Deposit = { ...claimed, ...committed(claimed, await tx.now(), input) };
    await insertWithKey(tx, row, key, key.wrap);
    const objects = objectRowsOf(row, members);
    await Promise.all(objects.map((each) => tx.deposits.insertObject(each)));
    const subject = { id: row.id, recording: row.recording };
    const committing = event(row.tenant, actorOf(keyed.by), 'deposit.committing', subject, request);
    return { result: { row, rows: { objects, parts: [] }, kept }, events: [...events, committing] };
  }, request);
  return result;
}
