// Streams in a store: grouped by subject within a bound, and each read entry by entry.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderStore } from '../../../src/adapters/local/folder-store.ts';
import { newId } from '../../../src/bytes/ids.ts';
import { MAX_ENTRY } from '../../../src/envelope/amendments/entry.ts';
import { parseEntryPath } from '../../../src/envelope/amendments/entry-name.ts';
import type { ObjectStore } from '../../../src/ports/object-store.ts';
import {
  listStreams,
  type NamedStream,
  readStream,
  type StreamScope,
} from '../../../src/vault/core/amendments/stored-streams.ts';
import { vectors } from '../../envelope/amendments/amendment-vectors.ts';
import { keyFrom } from '../../envelope/frozen-vectors.ts';

const KEY = keyFrom(vectors.keys['metadata_key'] ?? '');
const [{ tenant: TENANT } = { tenant: '' }] = vectors.names;
const place = { region: '', bucket: '', prefix: '' };
const request = { signal: AbortSignal.timeout(3_600_000) };
const all: StreamScope = { place, tenant: TENANT, since: null, wanted: () => true };

async function listed(store: ObjectStore, scope: StreamScope, most?: number): Promise<NamedStream[]> {
  const found: NamedStream[] = [];
  for await (const stream of listStreams({ store }, scope, request, most)) found.push(stream);
  return found;
}

describe('the streams of a folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-streams-'));
  const store = folderStore(folder);
  const turn = ({ subject }: { readonly subject: string }): string =>
    `${['ten', 'hld', 'rec'].indexOf(subject.slice(0, 3))}${subject}`;
  const streams = [...vectors.streams].sort((one, other) => (turn(one) < turn(other) ? -1 : 1));
  const put = (path: string, bytes: Uint8Array) => store.put(place, path, bytes, 'op', request);
  const [first = { subject: '', entries: [] as string[] }] = vectors.streams;
  const read = async (subject: string, rows: Parameters<typeof readStream>[4] = null) => {
    const [stream] = await listed(store, { ...all, wanted: (one) => one === subject });
    const nothing = { tenant: TENANT, subject, paths: [] };
    const { entries, fault } = await readStream({ store }, KEY, place, stream ?? nothing, rows, request);
    return { bodies: entries.map(({ body }) => body), fault };
  };
  const rowsOf = (paths: readonly string[], stored = paths.length) =>
    paths.map((path, n) => {
      const { json = '', entry: digest = '' } = vectors.entries.find((one) => one.path === path) ?? {};
      return { digest, at: JSON.parse(json).at as string, stored: n < stored };
    });

  beforeAll(async () => {
    for (const { path, json } of vectors.entries) await put(path, Buffer.from(json));
    await put(`t/${TENANT}/a/notes.txt`, Buffer.of(1));
    await put(`t/${newId('ten')}/a/2026112510/${newId('rec')}-00000001.json`, Buffer.of(1));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('are listed by subject, recordings last, each in order, within any bound', async () => {
    const wanted = streams.map(({ subject, entries: paths }) => ({ tenant: TENANT, subject, paths }));
    for (const most of [undefined, 1, 4, 10]) expect(await listed(store, all, most)).toEqual(wanted);
  });

  it('are listed of some subjects, and from an hour on', async () => {
    const holds = await listed(store, { ...all, wanted: (subject) => subject.startsWith('hld_') });
    expect(holds.map(({ subject }) => subject)).toEqual(
      streams.map(({ subject }) => subject).filter((subject) => subject.startsWith('hld_')),
    );
    const hours = [...new Set(vectors.entries.map(({ path }) => parseEntryPath(path)?.hour ?? ''))].sort();
    expect(hours.length).toBeGreaterThan(2);
    for (const hour of hours) {
      const paths = (await listed(store, { ...all, since: hour })).flatMap((stream) => stream.paths);
      const later = vectors.entries.map(({ path }) => path).filter((path) => path >= `t/${TENANT}/a/${hour}/`);
      expect(paths.sort()).toEqual(later.sort());
    }
  });

  it.each(streams)('are read: $name', async ({ subject, entries: paths }) => {
    const bodies = paths.map((path) => JSON.parse(vectors.entries.find((one) => one.path === path)?.body ?? ''));
    expect(await read(subject)).toEqual({ bodies, fault: null });
    expect(await read(subject, rowsOf(paths))).toEqual({ bodies, fault: null });
  });

  it('lack an entry that a row says was stored, and may have one that was stored since the list', async () => {
    const { subject, entries: paths } = first;
    const rows = rowsOf(paths);
    const stream = { tenant: TENANT, subject, paths: paths.slice(0, 1) };
    expect(await readStream({ store }, KEY, place, stream, rows, request)).toMatchObject({ fault: null });
    const last = paths.at(-1) ?? '';
    await store.delete(place, last, request);
    const fault = { code: 'amendment_missing', n: paths.length, paths: [last] };
    expect(await read(subject, rows)).toMatchObject({ fault });
    expect(await read(subject, rowsOf(paths, paths.length - 1))).toMatchObject({ fault: null });
    await put(last, Buffer.alloc(MAX_ENTRY + 1_000, 0x20));
    expect(await read(subject)).toMatchObject({ fault: { ...fault, code: 'amendment_damaged' } });
    await store.delete(place, last, request);
    await put(last, Buffer.from(vectors.entries.find(({ path }) => path === last)?.json ?? ''));
  });
});

describe('200,000 names', () => {
  /** Entries of two hours: 100,000 streams of two entries, as a list in order of hours has them. */
  const subjects = Array.from({ length: 100_000 }, (_, n) => `rec_${String(n).padStart(26, '0')}`);
  const store = {
    async *list() {
      for (const [n, hour] of ['2026112510', '2026112511'].entries()) {
        for (const subject of subjects)
          yield { path: `t/${TENANT}/a/${hour}/${subject}-0000000${n + 1}.json`, size: 900 };
      }
    },
  } as unknown as ObjectStore;

  it.each([undefined, 30_000])('are grouped, in memory at once: %s', async (most) => {
    let count = 0;
    let last = '';
    for await (const { subject, paths } of listStreams({ store }, all, request, most)) {
      if (subject <= last || paths.length !== 2 || (paths[0] ?? '') >= (paths[1] ?? '')) throw new Error(subject);
      last = subject;
      count += 1;
    }
    expect(count).toBe(subjects.length);
  });
});
