// What a deposit commits: the entries and rows of its objects, its digest and its envelope.
import { newId } from '../../bytes/ids.ts';
import { sealColumn } from '../../envelope/column.ts';
import { type EnvelopeObject, encodeEnvelope } from '../../envelope/envelope.ts';
import { sealFacts } from '../../envelope/facts.ts';
import { headsOf } from '../../envelope/object.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { partCount, sealedObjectSize } from '../../envelope/sizes.ts';
import { VaultError } from '../../errors.ts';
import type { Deposit, ObjectRow } from '../../model/recording.ts';
import { event } from '../core/events/events.ts';
import { openRawFacts } from '../core/facts/raw-facts.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import type { ClaimedDeposit } from './deposit-types.ts';
import type { BodyFacts } from './upload-bytes.ts';

/** The entry of an object for its envelope. `headers` are those of its parts, `size` counts plaintext bytes. */
export function objectEntry(name: string, type: string, size: number, headers: readonly Buffer[]): EnvelopeObject {
  return { name, type, size, sealed: sealedObjectSize(size), parts: partCount(size), heads: headsOf(headers) };
}

/** New rows of a deposit's objects. */
export function objectRowsOf(
  { tenant, id }: Pick<Deposit, 'tenant' | 'id'>,
  members: readonly EnvelopeObject[],
): readonly ObjectRow[] {
  return members.map((each) => ({ tenant, id: newId('obj'), deposit: id, ...each }));
}

/** What turns the rows of a deposit's recording into its envelope. */
type EnvelopeInput = Pick<ClaimedDeposit, 'key' | 'factsFrom'> & {
  readonly metadataKey: SecretKey;
  /** The sealed facts of the recording's row. */
  readonly recordingFacts: Uint8Array;
  readonly measured: BodyFacts;
  readonly members: readonly EnvelopeObject[];
};

/** The change of a deposit's row to COMMITTING: its envelope, and the sealed digest of its bytes. */
export function committed(
  { tenant, id, recording, created }: Pick<Deposit, 'tenant' | 'id' | 'recording' | 'created'>,
  now: string,
  { key, factsFrom, metadataKey, recordingFacts, measured, members }: EnvelopeInput,
) {
  const opened = openRawFacts(metadataKey, { tenant, id: recording }, recordingFacts);
  const identity = { tenant, recording, deposit: id };
  const facts = sealFacts(key.dataKey, identity, factsFrom(opened, measured));
  const { scheme, wrap, wrapped } = key;
  const wrappedKey = { scheme, id: key.id, wrap, wrapped };
  return {
    state: 'COMMITTING',
    envelope: encodeEnvelope({ ...identity, created, key: wrappedKey, objects: members, facts }, key.dataKey),
    digest: sealColumn(metadataKey, { tenant, row: id, column: 'digest' }, measured.sha256),
    committed: now,
  } as const;
}

/**
 * UPLOADING → COMMITTING: from here on no byte is accepted, and the row holds all that finishing needs. Throws `conflict`
 * where the lease was lost or the recording erased.
 */
export async function commit(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'settings'>,
  { by, tenant: owner, row, key, mayCommit, factsFrom }: ClaimedDeposit,
  measured: BodyFacts,
  members: readonly EnvelopeObject[],
  request: RequestContext,
): Promise<{ readonly committing: Deposit; readonly objects: readonly ObjectRow[] }> {
  // The body may have taken hours, longer than a metadata key stays in memory.
  const metadataKey = await vault.metadataKeys.get(owner, request);
  const { tenant, recording, id } = row;
  const objects = objectRowsOf(row, members);
  const { result } = await vault.db.change(async (tx) => {
    // The body may have taken hours: check again that this deposit is still allowed.
    await lockActiveTenant(tx, tenant);
    await mayCommit(tx);
    const described = await tx.recordings.lock(tenant, recording);
    const now = await tx.deposits.lock(tenant, id);
    if (now?.state !== 'UPLOADING' || now.lease?.owner !== vault.settings.instance) {
      throw new VaultError('conflict', 'the lease on the deposit was lost');
    }
    if (described === null || described.facts === null) throw new VaultError('conflict', 'the recording was erased');
    const input = { key, factsFrom, metadataKey, recordingFacts: described.facts, measured, members };
    const to = committed(now, await tx.now(), input);
    if (!(await tx.deposits.change(now, to)))
      throw new VaultError('conflict', 'a concurrent update changed this deposit first');
    await tx.wrappedKeys.setEnvelope(tenant, id, key.wrap);
    await Promise.all(objects.map((each) => tx.deposits.insertObject(each)));
    const subject = { id, recording };
    const committing: Deposit = { ...now, ...to, version: now.version + 1 };
    return { result: committing, events: [event(tenant, by, 'deposit.committing', subject, request)] };
  }, request);
  return { committing: result, objects };
}
