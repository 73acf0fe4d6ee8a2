// Opening an envelope without its row: form, ids, trusted key, MAC, facts, in this order.
import type { Json } from '../../bytes/canonical-json.ts';
import {
  type Envelope,
  type EnvelopeId,
  envelopePath,
  MAX_ENVELOPE,
  parseEnvelope,
  verifyEnvelope,
  type WrappedKey,
} from '../../envelope/envelope.ts';
import { openFacts } from '../../envelope/facts.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { unwrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { type KekLender, kekFromBlob } from './tenant-kek.ts';
import { requireTrusted, type TrustedKeys } from './trusted-keys.ts';

/** An opened envelope; the caller overwrites the data key. */
export type OpenedEnvelope = {
  readonly envelope: Envelope;
  readonly dataKey: SecretKey;
  readonly facts: Readonly<Record<string, Json>>;
};

/** Finds the tenant KEK that a wrapped key names. */
export type KekLookup = (key: WrappedKey) => KekLender;

/**
 * Opens the envelope of these ids. A tenant KEK is read from its blob unless `keksOf` finds it elsewhere. Throws
 * `blob_missing`; `malformed` or `format_unknown` for its form; `integrity` where its ids are another envelope's or its
 * MAC does not verify; `key_refused` for a key that is not trusted or denied; and the errors of store and key service.
 */
export async function openEnvelope(
  vault: Pick<Vault, 'store' | 'keys'>,
  place: StoreLocation,
  id: EnvelopeId,
  trusted: TrustedKeys,
  request: RequestContext,
  keksOf: KekLookup = (key) => kekFromBlob(vault, place, key, trusted),
): Promise<OpenedEnvelope> {
  const path = envelopePath(id.tenant, id.recording, id.deposit);
  const blob = await vault.store.get(place, path, MAX_ENVELOPE, request);
  if (blob === null) throw new VaultError('blob_missing', 'there is no such envelope');
  const envelope = parseEnvelope(blob.bytes);
  const { tenant, recording, deposit, key } = envelope;
  if (tenant !== id.tenant || recording !== id.recording || deposit !== id.deposit) {
    throw new VaultError('integrity', "another deposit's envelope has this name");
  }
  // The key that wraps a tenant KEK must be trusted, not the KEK's own id.
  if (key.scheme !== 'tenant-kek') requireTrusted(key, trusted);
  const keys = { keys: vault.keys, tenantKeks: keksOf(key) };
  const row = { tenant, deposit, scheme: key.scheme, keyId: key.id, wrap: key.wrap, wrapped: key.wrapped };
  const dataKey = await unwrapDataKey(keys, { tenant, ...trusted }, { id: deposit, recording }, row, request);
  try {
    verifyEnvelope(blob.bytes, dataKey);
    return { envelope, dataKey, facts: openFacts(dataKey, id, envelope.facts) };
  } catch (error) {
    dataKey.zero();
    throw error;
  }
}

/** The SHA-256 in the facts for an object, or null where they have none. */
export function promisedDigest(facts: Readonly<Record<string, Json>>, object: string): Buffer | null {
  const digests = facts['sha256'];
  if (typeof digests !== 'object' || digests === null || Array.isArray(digests)) return null;
  const digest = (digests as Readonly<Record<string, Json>>)[object];
  return typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest) ? Buffer.from(digest, 'hex') : null;
}
