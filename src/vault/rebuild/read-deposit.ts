// One deposit from the bucket: envelope opened, blob looked at, headers of several parts read and held to `heads`.

import { type EnvelopeId, type EnvelopeObject, envelopePath, type WrappedKey } from '../../envelope/envelope.ts';
import { headsOf, objectPath } from '../../envelope/object.ts';
import { HEADER, partSize, SEALED_PART } from '../../envelope/sizes.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { PEAKS } from '../../model/peaks.ts';
import type { PartRow } from '../../model/recording.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type KekLookup, openEnvelope, promisedDigest } from '../offline/read-envelope.ts';
import type { TrustedKeys } from '../offline/trusted-keys.ts';
import type { EnvelopeSummary } from './raw-facts.ts';

/** A deposit as its envelope and its blob tell it. */
export type FoundDeposit = EnvelopeId & {
  readonly summary: EnvelopeSummary;
  readonly key: WrappedKey;
  readonly stored: EnvelopeObject;
  /** The peaks of an audio. They come back as the envelope has them, there or not. */
  readonly beside: readonly EnvelopeObject[];
  readonly sha256: Buffer;
  readonly parts: readonly PartRow[];
};

/** Which keys are believed, and where tenant KEKs come from. */
export type KeySources = { readonly vouched: TrustedKeys; readonly keksOf: KekLookup };

/** Why a deposit is not brought back. */
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

/** Reads one deposit, or says what is wrong with it. Throws the signal's reason, and what is no matter of the deposit. */
export async function readDeposit(
  vault: Pick<Vault, 'store' | 'keys'>,
  place: StoreLocation,
  id: EnvelopeId,
  believed: KeySources,
  request: RequestContext,
): Promise<FoundDeposit | ProblemKind> {
  try {
    return await readWith(vault, place, id, believed, request);
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
  { vouched, keksOf }: KeySources,
  request: RequestContext,
): Promise<FoundDeposit | ProblemKind> {
  const { envelope, dataKey, facts } = await openEnvelope(vault, place, id, vouched, request, keksOf);
  // The data key was wanted for the MAC and the facts alone.
  dataKey.zero();
  const [stored, ...more] = envelope.objects.filter(({ name }) => name !== PEAKS);
  const beside = envelope.objects.filter(({ name }) => name === PEAKS);
  if (stored === undefined || more.length > 0 || beside.some(({ parts }) => parts > 1)) {
    throw new VaultError('malformed', 'not the envelope of one object');
  }
  const sha256 = promisedDigest(facts, stored.name);
  if (sha256 === null) throw new VaultError('malformed', 'the facts promise no digest');
  const path = objectPath({ ...id, name: stored.name });
  const there = await vault.store.head(place, path, request);
  if (there === null) return 'blob_missing';
  if (there.size !== stored.sealed) return 'blob_size';
  const parts = stored.parts === 1 ? [] : await readParts(vault, place, id, stored, request);
  if (parts === null) return 'blob_damaged';
  const said = { created: envelope.created, deposit: id.deposit, object: stored.name, facts };
  return { ...id, summary: said, key: envelope.key, stored, beside, sha256, parts };
}

/** The parts with their headers, null where those are not the ones that the envelope committed to. */
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

/** Where the deposit's envelope lies: what an operator looks at. */
export function envelopePathOf({ tenant, recording, deposit }: EnvelopeId): string {
  return envelopePath(tenant, recording, deposit);
}
