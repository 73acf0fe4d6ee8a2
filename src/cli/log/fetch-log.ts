// Fetches a sealed log into a folder in the layout of an export, and continues one: nothing is accepted that does not continue what the folder has.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hasCode, VaultError } from '../../errors.ts';
import { leafHash } from '../../model/audit-event.ts';
import { readEntries } from '../../model/log/entries.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { VerifierKey } from '../../model/log/note.ts';
import {
  compareTile,
  createPublishedCheck,
  type FoundCheckpoint,
  type PublishedCheck,
} from '../../model/log/published/published-check.ts';
import type { TileRow } from '../../model/log/tree/tile-rows.ts';
import { HASH_BYTES, TILE_WIDTH, tilePath } from '../../model/log/tree/tiles.ts';
import { noteCrypto } from '../../vault/core/proofs/note-crypto.ts';
import { unwritable } from '../support/unwritable.ts';
import type { LogClient } from './log-client.ts';
import { sentenceOfFinding } from './sentences.ts';
import { readHead } from './verify-export.ts';

/**
 * What was fetched: the log, its size, and how many events the folder did not have at its checkpoint. `policies`: how many
 * versions of the policy have their text; null, and why, where the service sent none.
 */
export type Fetched = {
  readonly log: string;
  readonly events: number;
  readonly added: number;
  readonly policies: number | null;
  readonly without?: string;
};

/** Bundles on their way at once. */
const AHEAD = 8;
const ADDED = Buffer.from('"action":"signer.added"');

/**
 * Fetches what the folder does not have up to the newest checkpoint, which is written last. May be cut off at any time and
 * called again. Throws `malformed` for a folder of another log, and `integrity` for a log that is shorter than the
 * folder's or does not continue it, whose tiles are not those of its events, or that no trusted key signed: what was
 * fetched is removed then, and that checkpoint is kept as evidence in `checkpoint.rejected`.
 */
export async function fetchLog(client: LogClient, folder: string, keys: readonly VerifierKey[]): Promise<Fetched> {
  const note = await client.checkpoint();
  const head = { ...readHead(note, 'the newest checkpoint of the service'), note, file: 'checkpoint' };
  const before = headOf(folder);
  if (before !== null && before.log !== head.log)
    throw new VaultError('malformed', `the folder has the log ${before.log}, and the service ${head.log}`);
  const written: string[] = [];
  try {
    await continueLog({ client, folder, keys, written }, head, before);
  } catch (error) {
    if (!hasCode(error, 'integrity')) throw error;
    for (const path of written) rmSync(path, { force: true });
    replace(folder, 'checkpoint.rejected', Buffer.from(note));
    throw new VaultError('integrity', `${error.message} The checkpoint is kept in ${folder}/checkpoint.rejected.`);
  }
  const policies = await fetchPolicies({ client, folder, written });
  if (before !== null) put({ folder, written }, `checkpoints/${before.size}`, Buffer.from(before.note));
  replace(folder, 'checkpoint', Buffer.from(note));
  return { log: head.log, events: head.size, added: head.size - (before?.size ?? 0), ...policies };
}

/**
 * Fetches the texts of the policy's versions that the folder does not have. They are no part of the log: without them
 * `log verify` checks less, and finds those that are not what the events say.
 */
async function fetchPolicies(run: Omit<Run, 'keys'>): Promise<Pick<Fetched, 'policies' | 'without'>> {
  try {
    const ids = await run.client.policies();
    for (const id of ids) {
      const path = `policies/${id}.json`;
      if (!existsSync(join(run.folder, path))) put(run, path, Buffer.from(await run.client.policy(id)));
    }
    return { policies: ids.length };
  } catch (error) {
    // The deployment's log has no policy; a tenant's may be without its key now.
    // A service that is an auditor reads no policies.
    if (hasCode(error, 'not_available', 'forbidden')) return { policies: null, without: error.message };
    throw error;
  }
}

type Head = FoundCheckpoint & { readonly log: string };
type Run = {
  readonly client: LogClient;
  readonly folder: string;
  readonly keys: readonly VerifierKey[];
  /** Files that this run wrote. */
  readonly written: string[];
};

async function continueLog(run: Run, head: Head, before: Head | null): Promise<void> {
  if (before !== null && before.size > head.size)
    throw new VaultError('integrity', `The service has ${head.size} events, and the folder ${before.size}.`);
  const published = createPublishedCheck({ name: head.log, keys: run.keys, receipts: new Map() }, noteCrypto);
  const found = await checkpointsUpTo(run, head.size, before?.size ?? 0);
  for (const one of before === null ? [head] : [before, head])
    found.set(one.size, [...(found.get(one.size) ?? []), one]);
  const places = Array.from({ length: Math.ceil(head.size / TILE_WIDTH) }, (_, index) => {
    return { index, width: Math.min(TILE_WIDTH, head.size - index * TILE_WIDTH) };
  });
  for await (const bundle of inOrder(places, ({ index, width }) => fetchBundle(run, index, width))) {
    for (const leaf of bundle) {
      published.add(published.size(), leafHash(leaf), leaf.includes(ADDED) ? readLeaf(leaf) : null);
      published.judge(found.get(published.size()) ?? []);
    }
    await fetchRows(run, published, published.rows(), head.size);
    requireNothing(published);
  }
  await fetchRows(run, published, published.end([]), head.size);
  requireNothing(published);
  if (published.newest()?.size !== head.size)
    throw new VaultError('integrity', 'No key that you trust signed the newest checkpoint of the service.');
  for (const { size, note, file } of [...found.values()].flat())
    if (file !== 'checkpoint') put(run, `checkpoints/${size}`, Buffer.from(note));
}

/** The checkpoint that the folder has; null for a new folder. */
function headOf(folder: string) {
  const path = join(folder, 'checkpoint');
  if (!existsSync(path)) return null;
  const note = readFileSync(path, 'utf8');
  return { ...readHead(note, path), note, file: 'checkpoint of the folder' };
}

/** The checkpoints of the service from the folder's size on, by size, and those of the folder of the same sizes. */
async function checkpointsUpTo(
  { client, folder }: Run,
  size: number,
  start: number,
): Promise<Map<number, readonly FoundCheckpoint[]>> {
  const bySize = new Map<number, readonly FoundCheckpoint[]>();
  for (let from: number | null = start; from !== null; ) {
    const page: Awaited<ReturnType<LogClient['checkpoints']>> = await client.checkpoints(from);
    for (const one of page.found) {
      if (one.size > size) continue;
      const path = join(folder, one.file);
      const kept = existsSync(path) ? [{ ...one, note: readFileSync(path, 'utf8') }] : [];
      bySize.set(one.size, [...kept, one]);
    }
    // A service that repeats itself would be asked without end.
    from = page.next !== null && page.next > from && page.next <= size ? page.next : null;
  }
  return bySize;
}

/** The events of a bundle: of the folder, or fetched. Its tile of hashes comes with it. */
async function fetchBundle(run: Run, index: number, width: number): Promise<Buffer[]> {
  const bytes = await fetchFile(run, tilePath('entries', index, width));
  await fetchFile(run, tilePath(0, index, width));
  const leaves = readEntries(bytes) ?? [];
  if (leaves.length !== width)
    throw new VaultError('integrity', `${tilePath('entries', index, width)} does not have ${width} events.`);
  return leaves.map((leaf) => Buffer.from(leaf.buffer, leaf.byteOffset, leaf.length));
}

async function fetchFile(run: Run, path: string): Promise<Buffer> {
  if (!existsSync(join(run.folder, path))) put(run, path, await run.client.tile(path));
  return readFileSync(join(run.folder, path));
}

async function fetchRows(run: Run, published: PublishedCheck, rows: readonly TileRow[], sealed: number): Promise<void> {
  for (const row of rows) {
    const width = row.hashes.length / HASH_BYTES;
    const bytes = await fetchFile(run, tilePath(row.level, row.index, width));
    const finding = compareTile(row, [{ width, bytes }], sealed);
    if (finding !== null) published.report(finding);
  }
}

/** Throws `integrity` with the first finding. */
function requireNothing(published: PublishedCheck): void {
  const [first] = published.findings();
  if (first === undefined) return;
  const { code, index, id } = first;
  throw new VaultError('integrity', `${code} at ${index}, ${id}: ${sentenceOfFinding(code)}`);
}

/** Results in order, with some of the work ahead. */
async function* inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  try {
    for (const item of items) {
      const one = work(item);
      // It may fail while another is awaited: that is no unhandled rejection.
      one.catch(() => undefined);
      running.push(one);
      if (running.length >= AHEAD) yield (await running.shift()) as R;
    }
    while (running.length > 0) yield (await running.shift()) as R;
  } finally {
    // Nothing is written after the caller has ended.
    await Promise.allSettled(running);
  }
}

/** Writes a file that the folder does not have. */
function put({ folder, written }: Pick<Run, 'folder' | 'written'>, path: string, bytes: Uint8Array): void {
  if (existsSync(join(folder, path))) return;
  replace(folder, path, bytes);
  written.push(join(folder, path));
}

/** Writes a file in one step: a cut leaves none, or the one before. Throws `conflict` where it cannot be written. */
function replace(folder: string, path: string, bytes: Uint8Array): void {
  const whole = join(folder, path);
  try {
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(`${whole}.new`, bytes);
    renameSync(`${whole}.new`, whole);
  } catch (cause) {
    throw unwritable('the export', whole, cause);
  }
}
