// Tombstone lists against the vectors, and the names and forms that are none.
import { describe, expect, it } from 'vitest';
import { toBase64 } from '../../src/bytes/base64.ts';
import { blindIndex, naturalKey } from '../../src/envelope/blind-index.ts';
import {
  encodeTombstoneList,
  openTombstoneList,
  parseTombstoneListPath,
  tombstoneListPath,
} from '../../src/envelope/tombstone-list.ts';
import { vectors } from './amendments/amendment-vectors.ts';
import { codeOf } from './bench.ts';
import { keyFrom } from './frozen-vectors.ts';

const KEY = keyFrom(vectors.keys['metadata_key'] ?? '');

describe('a tombstone list', () => {
  const { natural, lists, path, refused } = vectors.tombstone_lists;
  const [, tenant = ''] = path.split('/');

  it.each(natural)('names call $call_id by its blind index', ({ source, call_id, leg, natural: index }) => {
    expect(toBase64(blindIndex(KEY, 'natural', naturalKey(source, call_id, leg)))).toBe(index);
  });

  it.each(lists)('equals the vector and opens: $name', ({ path: named, json }) => {
    const list = openTombstoneList(tenant, named, Buffer.from(json), KEY);
    expect(encodeTombstoneList(list, KEY).toString()).toBe(json);
    const { day, event } = parseTombstoneListPath(tenant, named) ?? { day: '', event: '' };
    expect(event).toBe(list.event);
    const at = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T23:59:59.999Z`;
    expect(tombstoneListPath(tenant, event, at)).toBe(named);
    expect(JSON.parse(json).erased).toHaveLength(list.erased.length);
  });

  it.each(refused)('is rejected: $name', ({ json, fault }) => {
    expect(fault).toBe('tombstone_damaged');
    const code = codeOf(() => openTombstoneList(tenant, path, Buffer.from(json), KEY));
    expect(['malformed', 'integrity', 'format_unknown']).toContain(code);
  });

  it('is not made of no recordings, of 101, or of some out of order', () => {
    const [, three, hundred] = lists.map((list) => openTombstoneList(tenant, list.path, Buffer.from(list.json), KEY));
    const again = (erased: readonly { recording: string; natural: null }[]) =>
      codeOf(() => encodeTombstoneList({ tenant, event: three?.event ?? '', leaf: three?.leaf ?? '', erased }, KEY));
    const ids = (hundred?.erased ?? []).map(({ recording }) => ({ recording, natural: null }));
    const more = { recording: 'rec_7zzzzzzzzzzzzzzzzzzzzzzzzz', natural: null };
    expect([again(ids), again([]), again([...ids, more]), again(ids.toReversed())]).toEqual([
      undefined,
      'malformed',
      'malformed',
      'malformed',
    ]);
  });

  it.each([
    ['a tombstone of one recording', path.replace('evt_', 'rec_')],
    ['another tenant', path.replace(tenant, tenant.replace(/.$/, 'x'))],
    ['no day', path.replace(/\d{8}/, '2026112')],
  ])('has no name of %s', (_, other) => {
    expect(parseTombstoneListPath(tenant, path)).not.toBeNull();
    expect(parseTombstoneListPath(tenant, other)).toBeNull();
    expect(codeOf(() => openTombstoneList(tenant, other, Buffer.from(lists[0]?.json ?? ''), KEY))).toBe('malformed');
  });
});
