// Amendment entries against the vectors: names, bytes, limits, and what an entry is chained to.
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from '../../../src/bytes/base64.ts';
import type { Json } from '../../../src/bytes/canonical-json.ts';
import { hkdfExpand, info } from '../../../src/bytes/derivation.ts';
import { type Entry, entryDigest, openBody, sealEntry, verifyEntry } from '../../../src/envelope/amendments/entry.ts';
import { entryHour, entryPath, entryPrefix, parseEntryPath } from '../../../src/envelope/amendments/entry-name.ts';
import { codeOf } from '../bench.ts';
import { hex, keyFrom } from '../frozen-vectors.ts';
import { vectors } from './amendment-vectors.ts';

const KEY = keyFrom(vectors.keys['metadata_key'] ?? '');
const BYTES = hex(vectors.keys['metadata_key'] ?? '');

type Written = Omit<Entry, 'sealed'> & { readonly sealed: string };

/** Reads the members of an entry's text, and what it is chained to: of the entry before, only the MAC is in it. */
function writtenIn(json: string) {
  const entry: Written = JSON.parse(json);
  return { ...entry, tail: entry.n === 1 ? null : { n: entry.n - 1, at: entry.at, mac: entry.prev } };
}

function nameOf(path: string) {
  const name = parseEntryPath(path);
  if (name === null) throw new Error(`no name of an entry: ${path}`);
  return name;
}

describe('the keys', () => {
  it.each([
    ['amendment_key', 'callvault/amendment@v1', 32],
    ['amendment_mac_key', 'callvault/amendment-mac@v1', 64],
    ['list_mac_key', 'callvault/tombstone-list@v1', 64],
  ] as const)('%s is derived from the metadata key', (name, use, length) => {
    expect(hkdfExpand(BYTES, info(use), length).toString('hex')).toBe(vectors.keys[name]);
  });
});

describe('the name of an entry', () => {
  it.each(vectors.names.filter(({ n }) => n > 0))('is $path', ({ tenant, subject, n, at, path }) => {
    expect(entryPath({ tenant, subject }, n, at)).toBe(path);
    expect(parseEntryPath(path)).toEqual({ path, tenant, subject, hour: entryHour(at), n });
    expect(path.startsWith(entryPrefix(tenant, entryHour(at)))).toBe(true);
    expect(path.startsWith(entryPrefix(tenant, null))).toBe(true);
  });

  const [{ tenant = '', subject = '', at = '', path = '' } = {}] = vectors.names;

  it.each([
    ['another folder', path.replace('/a/', '/e/')],
    ['a folder more', path.replace('/a/', '/a/a/')],
    ['nine digits', path.replace('-0', '-00')],
    ['an hour of nine digits', path.replace(/\d{10}/, '202611251')],
    ['another kind of subject', path.replace('rec_', 'dep_')],
    ['an id too great', path.replace('rec_0', 'rec_8')],
    ['no tenant', path.replace('ten_', 'tem_')],
    ['another ending', `${path}x`],
  ])('is no name with %s', (_, other) => {
    expect(other).not.toBe(path);
    expect(parseEntryPath(other)).toBeNull();
  });

  it.each([
    ['0', subject, 0, at],
    ['100,000,000', subject, 100_000_000, at],
    ['a number with a fraction', subject, 1.5, at],
    ['an event', subject.replace('rec', 'evt'), 1, at],
    ['another tenant as subject', tenant.replace(/.$/, 'x'), 1, at],
    ['the 30th of February', subject, 1, '2027-02-30T00:00:00.000Z'],
    ['24:00', subject, 1, '2027-02-20T24:00:00.000Z'],
    ['the year 0', subject, 1, '0000-02-20T00:00:00.000Z'],
  ])('is not made of %s', (_, of, n, time) => {
    expect(codeOf(() => entryPath({ tenant, subject: of }, n, time))).toBe('malformed');
  });
});

describe('an entry', () => {
  it.each(vectors.entries)('equals the vector and opens: $name', ({ body, salt, path, json, entry: digest }) => {
    const { tail, tenant, subject, event, n, at, mac } = writtenIn(json);
    const content = { tenant, subject, event, body: JSON.parse(body) };
    const made = sealEntry(KEY, content, tail, at, hex(salt));
    expect(made.bytes.toString()).toBe(json);
    expect(made).toEqual({ path, n, at, mac, bytes: Buffer.from(json) });
    expect(entryDigest(made.bytes)).toBe(digest);
    const entry = verifyEntry(KEY, nameOf(path), made.bytes, tail);
    expect({ ...entry, sealed: toBase64(entry.sealed) }).toEqual({ ...JSON.parse(json), format: undefined });
    expect(openBody(KEY, entry)).toEqual(JSON.parse(body));
  });

  it.each(vectors.longest)('has a body of at most 32,768 bytes: $body', (vector) => {
    const { tenant, subject } = nameOf(vector.path);
    const text = 'x'.repeat(vector.times);
    const body = { v: 1, op: 'facts', why: 'recording.amended', by: vector.by, set: { x_long: text } };
    const make = () =>
      sealEntry(KEY, { tenant, subject, event: vector.event, body }, null, vector.at, hex(vector.salt));
    if (vector.fault !== null) {
      expect(codeOf(make)).toBe('metadata_invalid');
      return;
    }
    const { bytes, mac } = make();
    expect([bytes.length, mac, entryDigest(bytes)]).toEqual([vector.bytes, vector.mac, vector.entry]);
    expect(fromBase64(writtenIn(bytes.toString()).sealed)).toHaveLength(vector.sealed);
    expect(openBody(KEY, verifyEntry(KEY, nameOf(vector.path), bytes, null))).toEqual(body);
  });

  const [{ json = '' } = {}] = vectors.entries;
  const { tenant, subject, event } = writtenIn(json);
  const facts = (set: Json) => ({ tenant, subject, event, body: { v: 1, op: 'facts', set } });

  it('is never earlier than the one before it, and chained to it', () => {
    const first = sealEntry(KEY, facts({}), null, '2026-11-25T10:00:00.000Z');
    const second = sealEntry(KEY, facts({}), first, '2026-11-25T09:59:59.999Z');
    const third = sealEntry(KEY, facts({}), second, '2026-11-25T10:00:00.001Z');
    expect([second.at, third.at]).toEqual(['2026-11-25T10:00:00.000Z', '2026-11-25T10:00:00.001Z']);
    verifyEntry(KEY, nameOf(third.path), third.bytes, second);
    expect(codeOf(() => verifyEntry(KEY, nameOf(third.path), third.bytes, first))).toBe('integrity');
    expect(codeOf(() => verifyEntry(KEY, nameOf(third.path), third.bytes, null))).toBe('integrity');
  });

  it('has a number of at most 99,999,999', () => {
    const tail = { n: 99_999_998, at: '2026-11-25T10:00:00.000Z', mac: writtenIn(json).mac };
    const last = sealEntry(KEY, facts({}), tail, tail.at);
    expect(last.path).toMatch(/-99999999\.json$/);
    expect(codeOf(() => sealEntry(KEY, facts({}), last, tail.at))).toBe('conflict');
  });

  const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)]);

  it.each([
    ['63 levels in `set`', nested(63), undefined],
    ['64 levels in `set`', nested(64), 'malformed'],
    ['the greatest number', { x: Number.MAX_SAFE_INTEGER }, undefined],
    ['a greater number', { x: Number.MAX_SAFE_INTEGER + 1 }, 'malformed'],
    ['a fraction', { x: [1.5] }, 'malformed'],
  ])('is not sealed where readers reject it: %s', (_, set, code) => {
    expect(codeOf(() => sealEntry(KEY, facts(set), null, '2026-11-25T10:00:00.000Z'))).toBe(code);
  });

  it('is sealed differently each time', () => {
    const [one, other] = [1, 2].map(() => sealEntry(KEY, facts({}), null, '2026-11-25T10:00:00.000Z'));
    expect(one?.bytes.equals(other?.bytes ?? Buffer.alloc(0))).toBe(false);
  });
});
