// Putting deposits of one recording back into the rows, inside one transaction.
import { canonicalBytes, parseCanonicalObject } from '../../bytes/canonical-json.ts';
import { newId } from '../../bytes/ids.ts';
import { openColumn, sealColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { addQuarantineReason, isErased, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { indexesOf } from '../core/objects/indexes.ts';
import { newOperationNonce } from '../core/objects/operation.ts';
import type { Vault } from '../core/vault.ts';
import { naturalIndex } from '../deposit/describe.ts';
import { columnsIn, lacksBasis, mergeFacts, metadataIn, type RawFacts } from './raw-facts.ts';
import type { FoundDeposit, ProblemKind } from './read-deposit.ts';

/** Who deposited it is in no envelope: nobody has this id, so nobody can deposit the call again as its own. */
const UNKNOWN_PRINCIPAL = 'rebuilt';

/** What came of a recording's deposits: those that were put back, and why others were not. */
export type InsertResult = {
  readonly recording: boolean;
  readonly deposits: readonly string[];
  readonly problems: readonly { readonly deposit: string; readonly kind: ProblemKind }[];
};

/** Inserts what is missing; of several deposits of one object the latest. What rows say already stays as it is. */
export async function insertFound(
  tx: Transaction,
  vault: Pick<Vault, 'phones'>,
  { tenant, metadataKey }: { readonly tenant: Tenant; readonly metadataKey: SecretKey },
  found: readonly FoundDeposit[],
): Promise<InsertResult> {
  const id = found[0]?.recording;
  if (id === undefined) return { recording: false, deposits: [], problems: [] };
  const there = await tx.recordings.lock(tenant.tenant, id);
  if (there !== null && isErased(there)) return { recording: false, deposits: [], problems: [] };
  const problems: { readonly deposit: string; readonly kind: ProblemKind }[] = [];
  const fresh: FoundDeposit[] = [];
  for (const one of latestFirst(found)) {
    const { available } = await tx.deposits.ofObject(tenant.tenant, id, one.stored.name);
    const taken = available !== null || fresh.some(({ stored }) => stored.name === one.stored.name);
    if (taken) problems.push({ deposit: one.deposit, kind: 'object_taken' });
    else fresh.push(one);
  }
  if (fresh.length === 0) return { recording: false, deposits: [], problems };
  const said = fresh.map((one) => one.summary);
  const place = { tenant: tenant.tenant, row: id, column: 'facts' };
  const before =
    there?.facts == null ? null : (parseCanonicalObject(openColumn(metadataKey, place, there.facts)) as RawFacts);
  const facts = mergeFacts(before, said);
  const sealed = sealColumn(metadataKey, place, canonicalBytes(facts));
  const hasAudio = fresh.some(({ stored }) => stored.name === 'audio');
  if (there === null) {
    const row = recordingOf(tenant, id, fresh, { facts, sealed, hasAudio, metadataKey });
    if ((await tx.recordings.lockNatural(tenant.tenant, row.natural)) !== null) {
      const kind = 'call_key_taken' as const;
      return {
        recording: false,
        deposits: [],
        problems: [...problems, ...fresh.map(({ deposit }) => ({ deposit, kind }))],
      };
    }
    await tx.recordings.insert(row);
    const indexes = indexesOf(metadataKey, vault.phones, metadataIn(facts), tenant.country);
    await tx.recordings.index(tenant.tenant, id, indexes);
  } else {
    const { durationMs, channels } = columnsIn(facts, there.startedAt);
    const audio = hasAudio ? ({ state: 'AVAILABLE', durationMs, channels } as const) : {};
    const changed = { ...audio, facts: sealed, quarantine: addQuarantineReason(there.quarantine, 'rebuilt') };
    if (!(await tx.recordings.change(there, changed))) throw new VaultError('conflict', 'somebody else was first');
  }
  for (const one of fresh) await insertDeposit(tx, metadataKey, one);
  return { recording: there === null, deposits: fresh.map(({ deposit }) => deposit), problems };
}

function latestFirst(found: readonly FoundDeposit[]): FoundDeposit[] {
  const order = ({ summary: said, deposit }: FoundDeposit): string => `${said.created} ${deposit}`;
  return [...found].sort((one, other) => (order(one) > order(other) ? -1 : 1));
}

function recordingOf(
  { tenant }: Tenant,
  id: string,
  found: readonly FoundDeposit[],
  what: {
    readonly facts: RawFacts;
    readonly sealed: Buffer;
    readonly hasAudio: boolean;
    readonly metadataKey: SecretKey;
  },
): Recording {
  const created = found.map(({ summary: said }) => said.created).sort()[0] ?? '';
  return {
    tenant,
    id,
    state: what.hasAudio ? 'AVAILABLE' : 'EXPECTED',
    version: 1,
    created,
    depositor: UNKNOWN_PRINCIPAL,
    // Where nothing but a transcript is there it would else be hidden.
    described: !what.hasAudio,
    natural: naturalIndex(what.metadataKey, metadataIn(what.facts)),
    ...columnsIn(what.facts, created),
    quarantine: addQuarantineReason(lacksBasis(what.facts) ? ['basis'] : [], 'rebuilt'),
    facts: what.sealed,
  };
}

async function insertDeposit(tx: Transaction, metadataKey: SecretKey, found: FoundDeposit): Promise<void> {
  const { tenant, recording, deposit: id, summary: said, stored, key } = found;
  await tx.deposits.insert({
    tenant,
    id,
    recording,
    object: stored.name,
    state: 'AVAILABLE',
    version: 1,
    op: newOperationNonce(),
    principal: UNKNOWN_PRINCIPAL,
    created: said.created,
    uploadId: null,
    lease: null,
    envelope: null,
    digest: sealColumn(metadataKey, { tenant, row: id, column: 'digest' }, found.sha256),
    verifiedAt: null,
  });
  const { scheme, id: keyId, wrap, wrapped } = key;
  await tx.wrappedKeys.insert({ tenant, deposit: id, scheme, keyId, wrap, wrapped, envelopeWrap: wrap });
  for (const each of [stored, ...found.beside]) {
    await tx.deposits.insertObject({ tenant, id: newId('obj'), deposit: id, ...each });
  }
  for (const part of found.parts) await tx.deposits.insertPart(part);
}
