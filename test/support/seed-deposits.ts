// Many deposits for a drill, created directly: rows, data keys and envelopes as the vault creates them, without audio.
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { newId, newOperationNonce } from '../../src/bytes/ids.ts';
import { sealColumn } from '../../src/envelope/column.ts';
import { type EnvelopeObject, encodeEnvelope, envelopePath } from '../../src/envelope/envelope.ts';
import { sealFacts } from '../../src/envelope/facts.ts';
import { sealedObjectSize } from '../../src/envelope/sizes.ts';
import { NO_LIFETIME, NOT_LISTED } from '../../src/model/recording.ts';
import { locationOf } from '../../src/model/tenant.ts';
import { inParallel } from '../../src/vault/core/concurrency.ts';
import { event, systemActor } from '../../src/vault/core/events/events.ts';
import type { RequestContext } from '../../src/vault/core/request-context.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { makeDataKey } from '../../src/vault/core/wrapped-keys/data-keys.ts';

const BATCH = 500;

/** More at once overload a key service of one process. */
const AT_ONCE = 24;

type SeededDeposit = { readonly recording: string; readonly deposit: string };

/** One deposit before its rows. */
type KeyedDeposit = SeededDeposit & {
  readonly key: Omit<Awaited<ReturnType<typeof makeDataKey>>, 'dataKey'>;
  readonly object: EnvelopeObject;
  readonly facts: Buffer;
};

/** Creates so many AVAILABLE deposits of a tenant, with envelopes in the store and without ciphertext. */
export async function seedDeposits(
  vault: Vault,
  tenantId: string,
  many: number,
  request: RequestContext,
  onProgress: (made: number) => void = () => undefined,
): Promise<SeededDeposit[]> {
  const all: SeededDeposit[] = [];
  while (all.length < many) {
    const batch = Array.from({ length: Math.min(BATCH, many - all.length) }, () => ({
      recording: newId('rec'),
      deposit: newId('dep'),
    }));
    await makeBatch(vault, tenantId, batch, request);
    all.push(...batch);
    onProgress(all.length);
  }
  return all;
}

async function makeBatch(
  vault: Vault,
  tenantId: string,
  batch: readonly SeededDeposit[],
  request: RequestContext,
): Promise<void> {
  const tenant = await vault.db.read((rows) => rows.tenants.find(tenantId), request);
  if (tenant === null) throw new Error('there is no such tenant');
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const created = new Date().toISOString();
  const [size, heads] = [480_044, Buffer.alloc(32, 7)];
  const keyed: KeyedDeposit[] = [];
  await inParallel(batch, AT_ONCE, async ({ recording, deposit }) => {
    const { dataKey, ...key } = await makeDataKey(vault, tenant, { recording, id: deposit }, request);
    const facts = { v: 1, source: 'pbx', call_id: recording };
    const object = { name: 'audio', type: 'audio/wav', size, sealed: sealedObjectSize(size), parts: 1, heads };
    const sealed = sealFacts(dataKey, { tenant: tenantId, recording, deposit }, facts);
    const head = { tenant: tenantId, recording, deposit, created, key };
    const envelope = encodeEnvelope({ ...head, objects: [object], facts: sealed }, dataKey);
    dataKey.zero();
    await vault.store.put(
      locationOf(tenant),
      envelopePath(tenantId, recording, deposit),
      envelope,
      newOperationNonce(),
      request,
    );
    keyed.push({ recording, deposit, key, object, facts: canonicalBytes(facts) });
  });
  await vault.db.change(async (tx) => {
    for (const { recording, deposit, key, object, facts } of keyed) {
      await tx.recordings.insert({
        ...{ tenant: tenantId, id: recording, state: 'AVAILABLE', version: 1, created, depositor: 'svc_made' },
        ...{
          described: false,
          natural: Buffer.from(recording),
          startedAt: created,
          durationMs: 60_000,
          direction: null,
        },
        ...{ channels: 1, language: null, sensitivity: 'normal', retainUntil: null, queue: null, quarantine: [] },
        ...NO_LIFETIME,
        ...NOT_LISTED,
        source: 'pbx',
        delayS: null,
        facts: sealColumn(metadataKey, { tenant: tenantId, row: recording, column: 'facts' }, facts),
      });
      await tx.deposits.insert({
        ...{ tenant: tenantId, id: deposit, recording, object: 'audio', state: 'AVAILABLE', version: 1 },
        ...{ op: newOperationNonce(), principal: 'svc_made', created, uploadId: null, lease: null },
        ...{ envelope: null, digest: Buffer.alloc(64), committed: created, verifiedAt: created },
      });
      const { scheme, id: keyId, wrap, wrapped } = key;
      await tx.wrappedKeys.insert({ tenant: tenantId, deposit, scheme, keyId, wrap, wrapped, envelopeWrap: wrap });
      await tx.deposits.insertObject({ tenant: tenantId, id: newId('obj'), deposit, ...object });
    }
    const object = { id: keyed[0]?.deposit ?? '', recording: keyed[0]?.recording ?? '', object: 'audio' };
    const made = event(tenantId, systemActor(vault.settings), 'deposit.available', object, request);
    return { result: undefined, events: [made] };
  }, request);
}
