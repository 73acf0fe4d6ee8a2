// Streams against the vectors: whole ones, and each hostile one with its fault; and what rows show besides.
import { describe, expect, it } from 'vitest';
import { hkdfExpand, info } from '../../../src/bytes/derivation.ts';
import {
  type AmendmentFault,
  checkStream,
  type EntryRow,
  openEntry,
} from '../../../src/envelope/amendments/check-stream.ts';
import { entryDigest } from '../../../src/envelope/amendments/entry.ts';
import { parseEntryPath } from '../../../src/envelope/amendments/entry-name.ts';
import { sealMessage } from '../../../src/envelope/message.ts';
import { SecretKey } from '../../../src/envelope/secret-key.ts';
import { readAmendment } from '../../../src/model/amendments/read-amendment.ts';
import { codeOf } from '../bench.ts';
import { keyFrom } from '../frozen-vectors.ts';
import { vectors } from './amendment-vectors.ts';

const KEY = keyFrom(vectors.keys['metadata_key'] ?? '');
const [{ tenant: TENANT } = { tenant: '' }] = vectors.names;

const stored = new Map(vectors.entries.map(({ path, json }) => [path, Buffer.from(json)]));
const streamOf = (name: string | null) => vectors.streams.find((stream) => stream.name === name);
const digestsOf = (paths: readonly string[]) => paths.map((path) => entryDigest(stored.get(path) ?? Buffer.alloc(0)));
const rowsOf = (digests: readonly string[], storedUpTo = digests.length): EntryRow[] =>
  digests.map((digest, n) => ({ digest, stored: n < storedUpTo }));

function check(subject: string, blobs: ReadonlyMap<string, Uint8Array>, rows?: readonly EntryRow[]) {
  const read = async (path: string) => blobs.get(path) ?? null;
  const source = { paths: blobs.keys(), read, readBody: readAmendment };
  return checkStream(KEY, { tenant: TENANT, subject }, rows === undefined ? source : { ...source, rows });
}

describe('a whole stream', () => {
  it.each(vectors.streams)('has all entries in order: $name', async ({ subject, entries: paths }) => {
    const bodies = paths.map((path) => JSON.parse(vectors.entries.find((one) => one.path === path)?.body ?? ''));
    for (const rows of [undefined, rowsOf(digestsOf(paths))]) {
      // The blobs of all streams, latest first: names say which are this one's, and in which order.
      const { entries, fault } = await check(subject, new Map([...stored].reverse()), rows);
      expect(fault).toBeNull();
      expect(entries.map(({ path }) => path)).toEqual(paths);
      expect(entries.map(({ digest }) => digest)).toEqual(digestsOf(paths));
      expect(entries.map(({ body }) => body)).toEqual(bodies);
    }
  });

  it('may be empty', async () => {
    expect(await check('rec_00000000000000000000000000', stored)).toEqual({ entries: [], fault: null });
  });

  it('may have a name twice in a listing, and strangers beside it', async () => {
    const [{ subject = '', entries: paths = [] } = {}] = vectors.streams;
    const strange = [
      ...paths,
      ...paths,
      't/x',
      `${paths[0]}.tmp`,
      paths[0]?.replace(TENANT, TENANT.replace(/.$/, 'x')) ?? '',
    ];
    const read = async (path: string) => stored.get(path) ?? null;
    const found = await checkStream(
      KEY,
      { tenant: TENANT, subject },
      { paths: strange, read, readBody: readAmendment },
    );
    expect(found.fault).toBeNull();
    expect(found.entries).toHaveLength(paths.length);
  });
});

describe('a hostile stream', () => {
  it.each(vectors.hostile)(
    'has its fault: $name',
    async ({ stream, drop, put, rows, fault, n, authentic, ...vector }) => {
      const whole = streamOf(stream);
      const subject = whole?.subject ?? vector.subject ?? '';
      const blobs = new Map((whole?.entries ?? []).map((path) => [path, stored.get(path) ?? Buffer.alloc(0)]));
      for (const path of drop) expect(blobs.delete(path)).toBe(true);
      for (const { path, json, pad = 0 } of put) {
        const thousand = 'x'.repeat(1000);
        blobs.set(path, Buffer.from(pad === 0 ? json : json.replace(thousand, thousand + 'x'.repeat(pad))));
      }
      const found = await check(subject, blobs, rows === undefined ? undefined : rowsOf(rows));
      expect({ code: found.fault?.code ?? null, n: found.fault?.n ?? null }).toEqual({ code: fault, n });
      expect(found.entries).toHaveLength(authentic);
      const numbered = [...blobs.keys()].filter(
        (path) => path.includes(`/${subject}-`) && parseEntryPath(path)?.n === n,
      );
      expect(found.fault?.paths ?? []).toEqual(fault === null ? [] : numbered);
    },
  );

  it.each(vectors.longest)('has a body over 32,768 bytes: $body', async (vector) => {
    const { path, times, by, at, event, fault } = vector;
    const name = parseEntryPath(path);
    const set = `{"x_long":"${'x'.repeat(times)}"}`;
    const body = Buffer.from(`{"by":"${by}","op":"facts","set":${set},"v":1,"why":"recording.amended"}`);
    expect(body).toHaveLength(vector.body);
    const key = hkdfExpand(Buffer.from(vectors.keys['metadata_key'] ?? '', 'hex'), info('callvault/amendment@v1'), 32);
    const context = info('callvault/amendment@v1', TENANT, name?.subject ?? '', '1', event);
    const sealed = sealMessage(key, context, body, Buffer.from(vector.salt, 'hex')).toString('base64');
    const prev = Buffer.alloc(64).toString('base64');
    const ids = `"prev":"${prev}","sealed":"${sealed}","subject":"${name?.subject}","tenant":"${TENANT}"`;
    const bytes = Buffer.from(
      `{"at":"${at}","event":"${event}","format":"callvault/1","mac":"${vector.mac}","n":1,${ids}}`,
    );
    expect(entryDigest(bytes)).toBe(vector.entry);
    const found = await check(name?.subject ?? '', new Map([[path, bytes]]));
    expect(found.fault?.code ?? null).toBe(fault);
  });
});

describe('a stream beside its rows', () => {
  const [{ subject, entries: paths } = { subject: '', entries: [] as readonly string[] }] = vectors.streams;
  const digests = digestsOf(paths);
  const blobsOf = (some: readonly string[]) => new Map(some.map((path) => [path, stored.get(path) ?? Buffer.alloc(0)]));
  const outcome = async (
    some: readonly string[],
    rows: readonly EntryRow[],
  ): Promise<[number, AmendmentFault | null]> => {
    const { entries, fault } = await check(subject, blobsOf(some), rows);
    return [entries.length, fault?.code ?? null];
  };

  it('may wait for its last blobs', async () => {
    expect(await outcome(paths.slice(0, 1), rowsOf(digests, 1))).toEqual([1, null]);
    expect(await outcome([], rowsOf(digests, 0))).toEqual([0, null]);
    // Stored, and not marked yet.
    expect(await outcome(paths, rowsOf(digests, 1))).toEqual([3, null]);
  });

  it('lacks a blob that was stored, or one before a stored one', async () => {
    expect(await outcome(paths.slice(0, 1), rowsOf(digests, 2))).toEqual([1, 'amendment_missing']);
    expect(await outcome(paths.slice(1), rowsOf(digests, 0))).toEqual([0, 'amendment_missing']);
    const [first, second, third] = rowsOf(digests);
    const gap = [first, { ...second, stored: false }, third] as EntryRow[];
    expect(await outcome(paths.slice(0, 1), gap)).toEqual([1, 'amendment_missing']);
  });

  it('has an entry beyond its rows', async () => {
    expect(await outcome(paths, rowsOf(digests.slice(0, 2)))).toEqual([2, 'amendment_without_row']);
    expect(await outcome(paths, [])).toEqual([0, 'amendment_without_row']);
  });

  it('lacks a blob that was deleted after it was listed', async () => {
    const source = { paths, read: async () => null, readBody: readAmendment };
    const { fault } = await checkStream(KEY, { tenant: TENANT, subject }, source);
    expect(fault).toEqual({ code: 'amendment_missing', n: 1, paths: paths.slice(0, 1) });
  });

  it('opens a single entry after the last one that is known', () => {
    const [first, second] = paths.map((path) => ({
      name: parseEntryPath(path),
      bytes: stored.get(path) ?? Buffer.alloc(0),
    }));
    if (first?.name == null || second?.name == null) throw new Error('two entries');
    const one = openEntry(KEY, first.name, first.bytes, null, null, readAmendment);
    if (typeof one === 'string') throw new Error(one);
    expect(openEntry(KEY, second.name, second.bytes, one, null, readAmendment)).toMatchObject({ n: 2 });
    expect(openEntry(KEY, second.name, second.bytes, null, null, readAmendment)).toBe('amendment_damaged');
    const other = { digest: digests[0] ?? '', stored: true };
    expect(openEntry(KEY, second.name, second.bytes, one, other, readAmendment)).toBe('amendment_forked');
  });

  it('is not called damaged where the key was zeroed', () => {
    const key = new SecretKey(Buffer.alloc(32));
    key.zero();
    const path = paths[0] ?? '';
    const name = parseEntryPath(path);
    if (name === null) throw new Error('no name');
    const bytes = stored.get(path) ?? Buffer.alloc(0);
    expect(codeOf(() => openEntry(key, name, bytes, null, null, readAmendment))).toBe('key_zeroed');
  });
});
