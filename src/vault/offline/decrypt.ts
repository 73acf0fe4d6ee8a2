// Decrypting the objects of a recording from the bucket alone: no database, no service; whole objects only.
import { type EnvelopeId, envelopePath, envelopePrefix, parseEnvelopePath } from '../../envelope/envelope.ts';
import type { ChunkBatch } from '../../envelope/open.ts';
import type { EnvelopeSummary } from '../../model/amendments/envelope-facts.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import { readWholeObject } from '../core/objects/read-whole.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { openEnvelope, promisedDigest } from './read-envelope.ts';
import type { TrustedKeys } from './trusted-keys.ts';

/** The objects to decrypt: a recording's, one deposit's, or one by its name. */
export type OfflineSelection = {
  readonly place: StoreLocation;
  readonly tenant: string;
  readonly recording: string;
  readonly deposit?: string | undefined;
  readonly object?: string | undefined;
};

/** An object, as its envelope describes it; its bytes are read on demand. */
export type OfflineObject = {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly sha256: string | null;
  readonly content: () => AsyncIterable<ChunkBatch>;
};

/** What a deposit's envelope says, and those of its objects that were selected. */
export type OfflineDeposit = EnvelopeId & {
  readonly summary: EnvelopeSummary;
  readonly objects: readonly OfflineObject[];
};

/** The deposits that have an envelope in the bucket. Throws `malformed` for invalid ids, `store_unavailable`. */
export async function findEnvelopes(
  vault: Pick<Vault, 'store'>,
  { place, tenant, recording, deposit }: OfflineSelection,
  request: RequestContext,
): Promise<EnvelopeId[]> {
  if (deposit !== undefined) {
    envelopePath(tenant, recording, deposit);
    return [{ tenant, recording, deposit }];
  }
  const found: EnvelopeId[] = [];
  for await (const { path } of vault.store.list(place, envelopePrefix(tenant, recording), request)) {
    const id = parseEnvelopePath(path);
    if (id !== null) found.push(id);
  }
  return found.sort((one, other) => (one.deposit < other.deposit ? -1 : 1));
}

/**
 * Opens a deposit's envelope and passes its objects to `use`: none where it has no object of the wanted name. The data
 * key is overwritten when `use` ends. Throws as `openEnvelope`.
 */
export async function withDeposit<T>(
  vault: Pick<Vault, 'store' | 'keys'>,
  id: EnvelopeId,
  wanted: OfflineSelection,
  trusted: TrustedKeys,
  use: (deposit: OfflineDeposit) => Promise<T>,
  request: RequestContext,
): Promise<T> {
  const { envelope, dataKey, facts } = await openEnvelope(vault, wanted.place, id, trusted, request);
  try {
    const objects = envelope.objects
      .filter(({ name }) => wanted.object === undefined || name === wanted.object)
      .map(({ name, type, size, heads }): OfflineObject => {
        const sha256 = promisedDigest(facts, name);
        const stored = { ...id, name, size, heads, headers: null };
        const content = () => readWholeObject(vault, wanted.place, stored, dataKey, sha256, request);
        return { name, type, size, sha256: sha256?.toString('hex') ?? null, content };
      });
    const names = envelope.objects.map(({ name }) => name);
    const object = names.find((name) => name === 'audio') ?? names[0] ?? '';
    return await use({ ...id, summary: { created: envelope.created, deposit: id.deposit, object, facts }, objects });
  } finally {
    dataKey.zero();
  }
}
