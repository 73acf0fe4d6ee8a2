// Many deposits at once, as rows and blobs: sealed by the envelope's functions, written without the store's fsyncs.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { sha256 } from '../../src/bytes/digest.ts';
import { newId } from '../../src/bytes/ids.ts';
import { sealColumn } from '../../src/envelope/column.ts';
import { encodeEnvelope, envelopePath } from '../../src/envelope/envelope.ts';
import { sealFacts } from '../../src/envelope/facts.ts';
import { headsOf, objectKey, objectPath } from '../../src/envelope/object.ts';
import { sealObject } from '../../src/envelope/seal.ts';
import { partCount, sealedObjectSize } from '../../src/envelope/sizes.ts';
import { factsOf, type Metadata } from '../../src/model/facts.ts';
import { type Deposit, NO_LIFETIME, NOT_LISTED, type Recording } from '../../src/model/recording.ts';
import type { Tenant } from '../../src/model/tenant.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import { indexesOf, NO_QUEUE } from '../../src/vault/core/facts/indexes.ts';
import { makeDataKey } from '../../src/vault/core/wrapped-keys/data-keys.ts';
import { factsOfCall, naturalIndex } from '../../src/vault/deposit/describe.ts';
import type { TestVault } from './vault.ts';

const BATCH = 250;

/** Creates `count` recordings with one tiny audio each, of different calls, agents and numbers. */
export async function bulkDeposits(test: TestVault, count: number): Promise<void> {
  const tenant = await test.vault.db.read((rows) => rows.tenants.find(test.tenant), test.request);
  if (tenant === null) throw new Error('no tenant');
  for (let from = 0; from < count; from += BATCH) {
    await makeBatch(test, tenant, from, Math.min(BATCH, count - from));
  }
}

async function makeBatch(test: TestVault, tenant: Tenant, from: number, count: number): Promise<void> {
  const { vault, request } = test;
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const made = await Promise.all(Array.from({ length: count }, (_, n) => sealOne(test, tenant, from + n)));
  const by = operatorActor('op-1');
  await vault.db.change(async (tx) => {
    for (const { recording, deposit, key, object, metadata, facts, digest } of made) {
      const { tenant: of, id } = recording;
      const sealed = sealColumn(metadataKey, { tenant: of, row: id, column: 'facts' }, canonicalBytes(facts));
      const natural = naturalIndex(metadataKey, metadata);
      await tx.recordings.insert({ ...recording, natural, facts: sealed });
      await tx.recordings.index(
        of,
        id,
        indexesOf(metadataKey, vault.phones, factsOfCall({ tenant, metadata }), tenant),
      );
      const column = sealColumn(metadataKey, { tenant: of, row: deposit.id, column: 'digest' }, digest);
      await tx.deposits.insert({ ...deposit, digest: column });
      await tx.wrappedKeys.insert({ tenant: of, deposit: deposit.id, ...key });
      await tx.deposits.insertObject({ tenant: of, id: newId('obj'), deposit: deposit.id, ...object });
    }
    const stands = event(
      tenant.tenant,
      by,
      'vault.swept',
      { id: tenant.tenant, blobs: 0, envelopes: 0, bytes: 0 },
      request,
    );
    return { result: undefined, events: [stands] };
  }, request);
}

async function sealOne(test: TestVault, tenant: Tenant, n: number) {
  const of = tenant.tenant;
  const [recording, deposit] = [newId('rec'), newId('dep')];
  const identity = { tenant: of, recording, deposit, name: 'audio' };
  const body = Buffer.from(`a very short call, number ${n}`);
  const { dataKey, ...key } = await makeDataKey(test.vault, tenant, { id: deposit, recording }, test.request);
  const sealing = objectKey(dataKey, 'audio');
  const created = new Date(Date.UTC(2026, 0, 1) + n * 1_000).toISOString();
  const metadata: Metadata = {
    source: 'pbx',
    callId: `bulk-${n}`,
    leg: String(n % 2),
    from: `+44 20 7946 ${String(n % 10_000).padStart(4, '0')}`,
    agent: `agent ${n % 50}`,
    language: n % 3 === 0 ? 'zh-CN' : 'en-GB',
    direction: n % 2 === 0 ? 'inbound' : 'outbound',
    ...(n % 5 === 0 ? {} : { startedAt: created }),
    ...(n % 7 === 0 ? { ticket: `T-${n}`, sensitivity: 'sensitive' as const } : {}),
  };
  const digest = sha256(body);
  const basis = n % 11 === 0 ? ({ kind: 'none' } as const) : ({ kind: 'consent', at: created } as const);
  const learnt = { duration_ms: 1_000 + n, channels: [{ n: 0, party: 'mixed' }] };
  const facts = { ...factsOf(metadata, basis), ...learnt, sha256: { audio: digest.toString('hex') } };
  const headers: Buffer[] = [];
  for await (const part of sealObject([body] as never, sealing, identity)) {
    headers.push(part.header);
    write(test, objectPath(identity), part.sealed);
  }
  const size = body.length;
  const stored = { type: 'audio/wav', size, sealed: sealedObjectSize(size), parts: partCount(size) };
  const object = { name: 'audio', ...stored, heads: headsOf(headers) };
  const sealed = sealFacts(dataKey, identity, facts);
  const head = { tenant: of, recording, deposit, created, key };
  write(
    test,
    envelopePath(of, recording, deposit),
    encodeEnvelope({ ...head, objects: [object], facts: sealed }, dataKey),
  );
  dataKey.zero();
  sealing.zero();
  const rows = { tenant: of, version: 1, created, state: 'AVAILABLE' } as const;
  const ofRecording: Omit<Recording, 'natural' | 'facts'> = {
    ...rows,
    id: recording,
    depositor: 'svc_bulk',
    described: false,
    startedAt: metadata.startedAt ?? created,
    durationMs: learnt.duration_ms,
    direction: metadata.direction ?? null,
    channels: 1,
    language: metadata.language ?? null,
    sensitivity: metadata.sensitivity ?? 'normal',
    retainUntil: null,
    ...NO_LIFETIME,
    ...NOT_LISTED,
    source: 'pbx',
    delayS: null,
    queue: NO_QUEUE,
    quarantine: basis.kind === 'none' ? ['basis'] : [],
  };
  const ofDeposit: Omit<Deposit, 'digest'> = {
    ...rows,
    id: deposit,
    recording,
    object: 'audio',
    op: deposit.slice(4),
    principal: 'svc_bulk',
    uploadId: null,
    lease: null,
    envelope: null,
    committed: created,
    verifiedAt: null,
  };
  const ofKey = { scheme: key.scheme, keyId: key.id, wrap: key.wrap, wrapped: key.wrapped, envelopeWrap: key.wrap };
  return { recording: ofRecording, deposit: ofDeposit, key: ofKey, object, metadata, facts, digest };
}

function write(test: TestVault, path: string, bytes: Uint8Array): void {
  const file = join(test.store, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}
