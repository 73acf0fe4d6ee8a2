// Amendment streams in the store: their names grouped by subject, and the check of one stream, read entry by entry.
import { type CheckedStream, checkStream, type EntryRow } from '../../../envelope/amendments/check-stream.ts';
import { MAX_ENTRY } from '../../../envelope/amendments/entry.ts';
import { entryPath, entryPrefix, parseEntryPath, type StreamId } from '../../../envelope/amendments/entry-name.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode } from '../../../errors.ts';
import type { Amendment } from '../../../model/amendments/amendment.ts';
import { readAmendment } from '../../../model/amendments/read-amendment.ts';
import type { StoreLocation } from '../../../model/tenant.ts';
import type { RequestContext } from '../request-context.ts';
import type { Vault } from '../vault.ts';

/** Which streams of a tenant to list. */
export type StreamScope = {
  readonly place: StoreLocation;
  readonly tenant: string;
  /** Only entries of this hour (yyyymmddhh, UTC) and of later ones; null for all hours. */
  readonly since: string | null;
  /** Whether to list a subject's stream. */
  readonly wanted: (subject: string) => boolean;
};

/** The blob names of one stream's entries, by number, then by hour. More than one may have the same number. */
export type NamedStream = StreamId & { readonly paths: readonly string[] };

/** A row of a stream. Its time says which name its blob has. */
export type StreamRow = EntryRow & { readonly at: string };

/** Names in memory at once: some 100 bytes each. */
const MAX_NAMES = 500_000;

/**
 * The tenant's streams: its own, then those of holds, then those of recordings, each in order of their subjects. Of each
 * name it keeps subject, hour and number in memory; of more than `most` it keeps those of the first subjects and lists
 * again for the others. Throws `store_unavailable`.
 */
export async function* listStreams(
  vault: Pick<Vault, 'store'>,
  scope: StreamScope,
  request: RequestContext,
  most: number = MAX_NAMES,
): AsyncGenerator<NamedStream, void, undefined> {
  let from: string | null = '';
  while (from !== null) {
    const { streams, below } = await collectNames(vault, scope, from, most, request);
    for (const subject of inOrder(streams)) {
      const names = streams.get(subject) ?? [];
      streams.delete(subject);
      yield { tenant: scope.tenant, subject, paths: pathsOf(scope.tenant, subject, names) };
    }
    from = below;
  }
}

/**
 * Reads one stream and checks it: the entries before the first fault, and the fault. `rows` are the subject's rows 1, 2,
 * …, read after the names were listed, their times in the form of the format; without them a cut tail is not visible.
 * `bytesOf` receives the bytes of each blob by its name. Throws `store_unavailable`.
 */
export function readStream(
  vault: Pick<Vault, 'store'>,
  metadataKey: SecretKey,
  place: StoreLocation,
  { tenant, subject, paths }: NamedStream,
  rows: readonly StreamRow[] | null,
  request: RequestContext,
  bytesOf?: Map<string, Uint8Array>,
): Promise<CheckedStream<Amendment>> {
  const read = async (path: string): Promise<Uint8Array | null> => {
    const bytes = await readEntryBlob(vault, place, path, request);
    if (bytes !== null) bytesOf?.set(path, bytes);
    return bytes;
  };
  const source = { read, readBody: readAmendment };
  const stream = { tenant, subject };
  if (rows === null) return checkStream(metadataKey, stream, { ...source, paths });
  // A blob may have been stored and marked since the names were listed.
  const listed = new Set(paths.map((path) => parseEntryPath(path)?.n));
  const marked = rows.flatMap(({ stored, at }, n) =>
    stored && !listed.has(n + 1) ? [entryPath(stream, n + 1, at)] : [],
  );
  return checkStream(metadataKey, stream, { ...source, paths: [...paths, ...marked], rows });
}

/** An entry's bytes; null where no blob has this name. Of one that is too long, as many bytes as its check rejects. */
export async function readEntryBlob(
  vault: Pick<Vault, 'store'>,
  place: StoreLocation,
  path: string,
  request: RequestContext,
): Promise<Uint8Array | null> {
  try {
    return (await vault.store.get(place, path, MAX_ENTRY, request))?.bytes ?? null;
  } catch (error) {
    if (hasCode(error, 'malformed')) return Buffer.alloc(MAX_ENTRY + 1);
    throw error;
  }
}

/** Hour and number of each name of a stream, in turn: two numbers take less memory than a name. */
type Names = number[];

async function collectNames(
  vault: Pick<Vault, 'store'>,
  { place, tenant, since, wanted }: StreamScope,
  from: string,
  most: number,
  request: RequestContext,
): Promise<{ readonly streams: Map<string, Names>; readonly below: string | null }> {
  const streams = new Map<string, Names>();
  let below: string | null = null;
  let count = 0;
  const prefix = entryPrefix(tenant, null);
  const wait = since === null ? request : { ...request, after: entryPrefix(tenant, since) };
  for await (const { path } of vault.store.list(place, prefix, wait)) {
    const name = parseEntryPath(path);
    if (name === null || (since !== null && name.hour < since)) continue;
    const { subject, hour, n } = name;
    const turn = turnOf(subject);
    if (turn < from || (below !== null && turn >= below) || !wanted(subject)) continue;
    const names = streams.get(subject) ?? [];
    names.push(Number(hour), n);
    streams.set(subject, names);
    count += 1;
    if (count <= most || streams.size === 1) continue;
    const subjects = inOrder(streams);
    const later = subjects.splice(subjects.length >> 1);
    below = later[0] === undefined ? null : turnOf(later[0]);
    for (const one of later) {
      count -= (streams.get(one)?.length ?? 0) / 2;
      streams.delete(one);
    }
  }
  return { streams, below };
}

/** A subject's turn: rules and holds are known before what they bind. */
function turnOf(subject: string): string {
  return `${['ten', 'hld', 'rec'].indexOf(subject.slice(0, 3))}${subject}`;
}

function inOrder(streams: ReadonlyMap<string, unknown>): string[] {
  const turns = new Map([...streams.keys()].map((subject) => [turnOf(subject), subject]));
  return [...turns.keys()].sort().map((turn) => turns.get(turn) ?? '');
}

function pathsOf(tenant: string, subject: string, names: Names): string[] {
  const prefix = entryPrefix(tenant, null);
  const text = (value: number | undefined, digits: number) => String(value).padStart(digits, '0');
  const ordered = Array.from({ length: names.length / 2 }, (_, at) => {
    const [hour, n] = [text(names[2 * at], 10), text(names[2 * at + 1], 8)];
    return { key: `${n}${hour}`, path: `${prefix}${hour}/${subject}-${n}.json` };
  });
  return ordered.sort((one, other) => (one.key < other.key ? -1 : 1)).map(({ path }) => path);
}
