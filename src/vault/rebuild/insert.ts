// Inserting the rebuilt deposits of one recording, inside one transaction.
import { newId, newOperationNonce } from '../../bytes/ids.ts';
import { sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { mergeFacts } from '../../model/amendments/envelope-facts.ts';
import { foldFacts } from '../../model/amendments/recording-facts.ts';
import {
  addQuarantineReason,
  isErased,
  isUnowned,
  NO_LIFETIME,
  NOT_LISTED,
  type Recording,
  UNKNOWN_PRINCIPAL,
} from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { readEntries } from '../core/amendments/read-entries.ts';
import { indexesOf, queueIn } from '../core/facts/indexes.ts';
import { openRawFacts, quarantineOf, type RawFacts, sealRawFacts } from '../core/facts/raw-facts.ts';
import { storeFacts } from '../core/facts/store-facts.ts';
import type { Vault } from '../core/vault.ts';
import { naturalIndex } from '../deposit/describe.ts';
import { columnsIn, naturalKeyIn } from './raw-facts.ts';
import type { FoundDeposit, ProblemKind } from './read-deposit.ts';

/** The result for one recording: the inserted deposits, and why others were not inserted. */
export type InsertResult = {
  readonly recording: boolean;
  readonly deposits: readonly string[];
  readonly problems: readonly { readonly deposit: string; readonly kind: ProblemKind }[];
};

/**
 * Inserts missing rows; of several deposits of one object the latest. Facts of a row that knows no deposit are older than
 * the envelope, and replaced by its; those of others stay unchanged.
 */
export async function insertFound(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  { tenant, metadataKey }: { readonly tenant: Tenant; readonly metadataKey: SecretKey },
  found: readonly FoundDeposit[],
): Promise<InsertResult> {
  const id = found[0]?.recording;
  if (id === undefined) return { recording: false, deposits: [], problems: [] };
  const existing = await tx.recordings.lock(tenant.tenant, id);
  if (existing !== null && isErased(existing)) return { recording: false, deposits: [], problems: [] };
  const problems: { readonly deposit: string; readonly kind: ProblemKind }[] = [];
  const fresh: FoundDeposit[] = [];
  for (const one of latestFirst(found)) {
    const { available } = await tx.deposits.ofObject(tenant.tenant, id, one.stored.name);
    const taken = available !== null || fresh.some(({ stored }) => stored.name === one.stored.name);
    if (taken) problems.push({ deposit: one.deposit, kind: 'object_taken' });
    else fresh.push(one);
  }
  if (fresh.length === 0) return { recording: false, deposits: [], problems };
  const summaries = fresh.map((one) => one.summary);
  const before = existing?.facts == null ? null : openRawFacts(metadataKey, existing, existing.facts);
  const known =
    existing !== null && (existing.state !== 'EXPECTED' || (await tx.deposits.everCommitted(tenant.tenant, id)));
  const stream = { tenant: tenant.tenant, subject: id };
  // A start may have replayed entries of a recording whose deposits the restored database lacks.
  const entries = known ? [] : await readEntries(tx, metadataKey, stream);
  const { facts } = foldFacts(id, mergeFacts(known ? before : null, summaries), entries);
  const hasAudio = fresh.some(({ stored }) => stored.name === 'audio');
  if (existing === null) {
    const indexes = indexesOf(metadataKey, vault.phones, facts, tenant);
    const row = recordingOf(tenant, id, fresh, { facts, hasAudio, metadataKey, queue: queueIn(indexes) });
    if ((await tx.recordings.lockNatural(tenant.tenant, row.natural)) !== null) {
      const kind = 'call_key_taken' as const;
      return {
        recording: false,
        deposits: [],
        problems: [...problems, ...fresh.map(({ deposit }) => ({ deposit, kind }))],
      };
    }
    // Its holds came back before it.
    const holds = (await tx.legalHolds.countOf(tenant.tenant, [id])).get(id) ?? 0;
    await tx.recordings.insert({ ...row, holds });
    await tx.recordings.index(tenant.tenant, id, indexes);
  } else {
    const { durationMs, channels } = columnsIn(facts, existing.startedAt);
    const audio = hasAudio ? ({ state: 'AVAILABLE', durationMs, channels } as const) : {};
    // Who deposited it is lost with the rows of the deposit: a release says it.
    const columns = { ...audio, ...(isUnowned(existing) ? { depositor: UNKNOWN_PRINCIPAL } : {}) };
    const quarantine = addQuarantineReason(existing.quarantine, 'rebuilt');
    const locked = { tenant, metadataKey, recording: { ...existing, quarantine } };
    await storeFacts(tx, vault, locked, {
      ...{ before: before ?? {}, after: facts, begun: existing.startedAt, cause: 'person', columns },
    });
  }
  for (const one of fresh) await insertDeposit(tx, metadataKey, one);
  return { recording: existing === null, deposits: fresh.map(({ deposit }) => deposit), problems };
}

function latestFirst(found: readonly FoundDeposit[]): FoundDeposit[] {
  const order = ({ summary, deposit }: FoundDeposit): string => `${summary.created} ${deposit}`;
  return [...found].sort((one, other) => (order(one) > order(other) ? -1 : 1));
}

function recordingOf(
  { tenant }: Tenant,
  id: string,
  found: readonly FoundDeposit[],
  what: {
    readonly facts: RawFacts;
    readonly hasAudio: boolean;
    readonly metadataKey: SecretKey;
    readonly queue: Uint8Array;
  },
): Recording {
  const created = found.map(({ summary }) => summary.created).sort()[0] ?? '';
  return {
    tenant,
    id,
    state: what.hasAudio ? 'AVAILABLE' : 'EXPECTED',
    version: 1,
    created,
    depositor: UNKNOWN_PRINCIPAL,
    // With only a transcript the recording would be hidden unless described.
    described: !what.hasAudio,
    ...NO_LIFETIME,
    // Lists are not in the store: they are sent again.
    ...NOT_LISTED,
    delayS: null,
    natural: naturalIndex(what.metadataKey, naturalKeyIn(what.facts)),
    ...columnsIn(what.facts, created),
    queue: what.queue,
    quarantine: quarantineOf(what.facts, ['rebuilt']),
    facts: sealRawFacts(what.metadataKey, { tenant, id }, what.facts),
  };
}

async function insertDeposit(tx: Transaction, metadataKey: SecretKey, found: FoundDeposit): Promise<void> {
  const { tenant, recording, deposit: id, summary, stored, key } = found;
  await tx.deposits.insert({
    tenant,
    id,
    recording,
    object: stored.name,
    state: 'AVAILABLE',
    version: 1,
    op: newOperationNonce(),
    principal: UNKNOWN_PRINCIPAL,
    created: summary.created,
    uploadId: null,
    lease: null,
    envelope: null,
    digest: sealColumn(metadataKey, { tenant, row: id, column: 'digest' }, found.sha256),
    committed: summary.created,
    verifiedAt: null,
  });
  const { scheme, id: keyId, wrap, wrapped } = key;
  await tx.wrappedKeys.insert({ tenant, deposit: id, scheme, keyId, wrap, wrapped, envelopeWrap: wrap });
  for (const each of [stored, ...found.beside]) {
    await tx.deposits.insertObject({ tenant, id: newId('obj'), deposit: id, ...each });
  }
  for (const part of found.parts) await tx.deposits.insertPart(part);
}
