// One deposit from the bucket: envelope opened, blob's size compared, headers of several parts compared with `heads`.

import { type EnvelopeId, type EnvelopeObject, envelopePath, type WrappedKey } from '../../envelope/envelope.ts';
import { headsOf, objectPath } from '../../envelope/object.ts';
import { HEADER, partSize, SEALED_PART } from '../../envelope/sizes.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { EnvelopeSummary } from '../../model/amendments/envelope-facts.ts';
import { PEAKS } from '../../model/peaks.ts';
import type { PartRow } from '../../model/recording.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type KekLookup, openEnvelope, promisedDigest } from '../offline/read-envelope.ts';
import type { TrustedKeys } from '../offline/trusted-keys.ts';

/** A deposit, as its envelope and its blob describe it. */
export type FoundDeposit = EnvelopeId & {
  readonly summary: EnvelopeSummary;
  readonly key: WrappedKey;
  readonly stored: EnvelopeObject;
  /** The peaks of an audio, from the envelope; whether their blob exists is not checked. */
  readonly beside: readonly EnvelopeObject[];
  readonly sha256: Buffer;
  readonly parts: readonly PartRow[];
};

/** The trusted keys, and the lookup of tenant KEKs. */
export type KeySources = { readonly trusted: TrustedKeys; readonly keksOf: KekLookup };

/** Why a deposit was not rebuilt. */
export type ProblemKind =
  | 'envelope_damaged'
  | 'key_refused'
  | 'blob_missing'
  | 'blob_size'
  | 'blob_damaged'
  | 'call_key_taken'
  | 'object_taken'
  | 'generation_taken'
  | 'not_answered';

/**
 * Reads one deposit, or returns its problem. Throws the signal's reason, and errors that do not concern the deposit.
 */
export async function readDeposit(
  vault: Pick<Vault, 'store' | 'keys'>,
  place: StoreLocation,
  id: EnvelopeId,
  sources: KeySources,
  request: RequestContext,
): Promise<FoundDeposit | ProblemKind> {
  try {
    return await readWith(vault, place, id, sources, request);
  } catch (error) {
    request.signal.throwIfAborted();
    if (hasCode(error, 'malformed', 'integrity', 'format_unknown')) return 'envelope_damaged';
    if (hasCode(error, 'key_refused')) return 'key_refused';
    if (hasCode(error, 'blob_missing')) return 'blob_missing';
    if (hasCode(error, 'store_unavailable', 'key_service_unavailable')) return 'not_answered';
    throw error;
  }
}

async function readWith(
  vault: Pick<Vault, 'store' | 'keys'>,
  place: StoreLocation,
  id: EnvelopeId,
  { trusted, keksOf }: KeySources,
  request: RequestContext,
): Promise<FoundDeposit | ProblemKind> {
  const { envelope, dataKey, facts } = await openEnvelope(vault, place, id, trusted, request, keksOf);
  // The data key was needed only for the MAC and the facts.
  dataKey.zero();
  const [stored, ...more] = envelope.objects.filter(({ name }) => name !== PEAKS);
  const beside = envelope.objects.filter(({ name }) => name === PEAKS);
  if (stored === undefined || more.length > 0 || beside.some(({ parts }) => parts > 1)) {
    throw new VaultError('malformed', 'this envelope does not describe exactly one object');
  }
  const sha256 = promisedDigest(facts, stored.name);
  if (sha256 === null) throw new VaultError('malformed', 'the facts have no digest of the object');
  const path = objectPath({ ...id, name: stored.name });
  const blob = await vault.store.head(place, path, request);
  if (blob === null) return 'blob_missing';
  if (blob.size !== stored.sealed) return 'blob_size';
  const parts = stored.parts === 1 ? [] : await readParts(vault, place, id, stored, request);
  if (parts === null) return 'blob_damaged';
  const summary = { created: envelope.created, deposit: id.deposit, object: stored.name, facts };
  return { ...id, summary, key: envelope.key, stored, beside, sha256, parts };
}

/** The parts with their headers; null where these are not the ones that the envelope committed to. */
async function readParts(
  vault: Pick<Vault, 'store'>,
  place: StoreLocation,
  { tenant, recording, deposit }: EnvelopeId,
  { name, size, parts, heads }: EnvelopeObject,
  request: RequestContext,
): Promise<PartRow[] | null> {
  const path = objectPath({ tenant, recording, deposit, name });
  const rows: PartRow[] = [];
  for (let number = 0; number < parts; number++) {
    const at = number * SEALED_PART;
    const pieces: Uint8Array[] = [];
    for await (const piece of vault.store.read(place, path, at, at + HEADER, request)) pieces.push(Buffer.from(piece));
    const header = Buffer.concat(pieces);
    rows.push({ tenant, deposit, number, size: partSize(size, number), receipt: '', header });
  }
  return headsOf(rows.map(({ header }) => header)).equals(heads) ? rows : null;
}

/** The path of the deposit's envelope, for operators. */
export function envelopePathOf({ tenant, recording, deposit }: EnvelopeId): string {
  return envelopePath(tenant, recording, deposit);
}
