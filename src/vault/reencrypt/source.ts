// An AVAILABLE deposit, decrypted as the body of a new one: bytes, type, and the facts of its envelope.
import { openColumn } from '../../envelope/column.ts';
import { envelopePath, MAX_ENVELOPE, parseEnvelope, verifyEnvelope } from '../../envelope/envelope.ts';
import { openFacts } from '../../envelope/facts.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { countKeyUse } from '../core/events/count-events.ts';
import { readWholeObject } from '../core/objects/read-whole.ts';
import { storedObject } from '../core/objects/stored-object.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { unwrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { type WatchedBody, watchBody } from '../deposit/upload-bytes.ts';
import { lateProbe } from './late-probe.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

export type DecryptedDeposit = {
  readonly type: string;
  /** The facts of its envelope; null where that is missing or damaged. */
  readonly facts: Readonly<Record<string, unknown>> | null;
  /** The plaintext; `finish` compares size and digest with the rows. */
  readonly body: WatchedBody;
  /** Overwrites the data key. */
  readonly close: () => void;
};

/** Opens a deposit, after counting the unwrap in the log. Throws key and store errors, `conflict`. */
export async function openDeposit(
  vault: Deps,
  by: Actor,
  tenant: Tenant,
  deposit: Deposit,
  request: RequestContext,
): Promise<DecryptedDeposit> {
  const { id, recording, object: name, digest } = deposit;
  const { object, parts, key } = await vault.db.read(
    async (rows) => ({
      object: await rows.deposits.object(tenant.tenant, id, name),
      parts: await rows.deposits.parts(tenant.tenant, id),
      key: await rows.wrappedKeys.find(tenant.tenant, id),
    }),
    request,
  );
  if (object === null || key === null || digest === null) throw new VaultError('conflict', 'the deposit was deleted');
  await countKeyUse(vault, tenant.tenant, by, 'reencrypt', request);
  const dataKey = await unwrapDataKey(vault, tenant, deposit, key, request);
  try {
    const facts = await readEnvelopeFacts(vault, tenant, deposit, dataKey, request);
    const metadataKey = await vault.metadataKeys.get(tenant, request);
    const sha256 = openColumn(metadataKey, { tenant: tenant.tenant, row: id, column: 'digest' }, digest);
    const bytes = plaintext(vault, tenant, storedObject(deposit, object, parts), dataKey, request);
    const declared = { bytes, length: object.size, sha256, whole: () => true };
    // Probed again: an older deposit has no peaks, and those of a newer one may be damaged.
    const probe = name === 'audio' ? lateProbe(vault.probes, object.type) : null;
    // No client waits for a re-encryption, so it may be as slow as its decoder.
    const watched = watchBody(declared, bytes, probe, object.size, Number.POSITIVE_INFINITY);
    const body = { ...watched, finish: () => watched.finish().catch(asIntegrity) };
    const close = (): void => {
      probe?.close();
      dataKey.zero();
    };
    return { type: object.type, facts, body, close };
  } catch (error) {
    dataKey.zero();
    throw error;
  }

  function asIntegrity(error: unknown): never {
    if (!hasCode(error, 'digest_mismatch')) throw error;
    throw new VaultError('integrity', `${recording} does not have the digest recorded at its deposit`, {
      cause: error,
    });
  }
}

async function readEnvelopeFacts(
  vault: Deps,
  tenant: Tenant,
  { id: deposit, recording }: Deposit,
  dataKey: SecretKey,
  request: RequestContext,
): Promise<DecryptedDeposit['facts']> {
  const path = envelopePath(tenant.tenant, recording, deposit);
  try {
    const blob = await vault.store.get(locationOf(tenant), path, MAX_ENVELOPE, request);
    if (blob === null) return null;
    verifyEnvelope(blob.bytes, dataKey);
    return openFacts(dataKey, { tenant: tenant.tenant, recording, deposit }, parseEnvelope(blob.bytes).facts);
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed', 'format_unknown')) return null;
    throw error;
  }
}

/** Yields chunks and overwrites each after use. */
async function* plaintext(
  vault: Pick<Vault, 'store'>,
  tenant: Tenant,
  stored: ReturnType<typeof storedObject>,
  dataKey: SecretKey,
  request: RequestContext,
): AsyncGenerator<Uint8Array> {
  // `watchBody` compares the digest.
  for await (const run of readWholeObject(vault, locationOf(tenant), stored, dataKey, null, request)) {
    for (const chunk of run) {
      yield chunk;
      chunk.fill(0);
    }
  }
}
