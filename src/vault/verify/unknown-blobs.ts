// Unknown blobs of a tenant: blobs without a row, and envelopes that may be all that is left of a database.
import { idTime } from '../../bytes/ids.ts';
import { envelopePath, envelopePrefix, parseEnvelopePath } from '../../envelope/envelope.ts';
import { objectPrefix, parseObjectPath } from '../../envelope/object.ts';
import { type DepositState, isErased } from '../../model/recording.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { ListedBlob } from '../../ports/object-store.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** A blob with the recording and deposit in its name. */
export type NamedBlob = {
  readonly kind: 'object' | 'envelope';
  readonly path: string;
  readonly size: number;
  readonly recording: string;
  readonly deposit: string;
};

/**
 * A blob without a row. `over`: the rows show that its deposit was aborted or its recording erased. `envelope`: whether a blob has
 * the name of its envelope.
 */
export type UnknownBlob = NamedBlob & { readonly over: boolean; readonly envelope: boolean; readonly made: number };

const BATCH = 200;

/**
 * Yields all unknown blobs. Rows are read after the list: a row exists before its blobs, so uploads in progress are
 * never among them. Throws the errors of store and database.
 */
export async function* findUnknownBlobs(
  vault: Pick<Vault, 'db' | 'store'>,
  place: StoreLocation,
  tenant: string,
  request: RequestContext,
): AsyncGenerator<UnknownBlob, void, undefined> {
  for (const prefix of [objectPrefix(tenant, null), envelopePrefix(tenant, null)]) {
    let batch: NamedBlob[] = [];
    for await (const blob of vault.store.list(place, prefix, request)) {
      const named = parseBlobName(blob);
      if (named !== null) batch.push(named);
      if (batch.length === BATCH) {
        yield* unknownOf(vault, place, tenant, batch, request);
        batch = [];
      }
    }
    yield* unknownOf(vault, place, tenant, batch, request);
  }
}

async function* unknownOf(
  vault: Pick<Vault, 'db' | 'store'>,
  place: StoreLocation,
  tenant: string,
  batch: readonly NamedBlob[],
  request: RequestContext,
): AsyncGenerator<UnknownBlob, void, undefined> {
  const { states, erased } = await vault.db.read(async (rows) => {
    const found = new Map<string, DepositState | null>();
    for (const { deposit, recording, path } of batch) {
      const row = await rows.deposits.find(tenant, deposit);
      found.set(path, row?.recording === recording ? row.state : null);
    }
    const unknown = batch.filter(({ path }) => found.get(path) === null).map(({ recording }) => recording);
    const recordings = await rows.recordings.findMany(tenant, [...new Set(unknown)]);
    return { states: found, erased: new Set(recordings.filter(isErased).map(({ id }) => id)) };
  }, request);
  for (const named of batch) {
    const state = states.get(named.path) ?? null;
    if (state !== null && state !== 'ABORTED') continue;
    const made = idTime(named.deposit);
    const envelope = named.kind === 'envelope' || (await hasEnvelope(vault, place, tenant, named, request));
    yield { ...named, over: state === 'ABORTED' || erased.has(named.recording), envelope, made };
  }
}

async function hasEnvelope(
  vault: Pick<Vault, 'store'>,
  place: StoreLocation,
  tenant: string,
  { recording, deposit }: NamedBlob,
  request: RequestContext,
): Promise<boolean> {
  return (await vault.store.head(place, envelopePath(tenant, recording, deposit), request)) !== null;
}

/** Null for a name that callvault never gives: such blobs are left alone. */
function parseBlobName({ path, size }: ListedBlob): NamedBlob | null {
  const envelope = parseEnvelopePath(path);
  if (envelope !== null) return { kind: 'envelope', path, size, ...envelope };
  const object = parseObjectPath(path);
  return object === null ? null : { kind: 'object', path, size, ...object };
}
