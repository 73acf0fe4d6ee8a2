// The check of the log in the browser: each way in which an event can be wrong is found, and nothing else is.
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../src/bytes/canonical-json.ts';
import { sha256 } from '../../../src/bytes/digest.ts';
import { createCheck, leafText, type Row, type Ways } from '../../../src/console/pages/activity/log/check.ts';

const LOG = 'vault.example/ten_a';
type Told = { readonly action?: string; readonly by?: string; readonly type?: string; readonly object?: object };

function leaf(seq: number, { action = 'log.read', by = 'usr_a', type = 'person', object = {} }: Told = {}) {
  const ts = `2026-11-25T12:00:${String(seq).padStart(2, '0')}.000Z`;
  const said = { v: 1, log: LOG, seq, id: `evt_${seq}`, ts, actor: { type, id: by, auth: 'sign-in' }, action };
  return { ...said, outcome: 'ok', object: { type: 'x', id: 'x', ...object }, node: 'node-1' };
}

function rowOf(index: number, said: object): Row {
  const bytes = canonicalBytes(said);
  return { index, leaf: bytes.toString('base64'), hash: sha256(Uint8Array.of(0), bytes).toString('base64') };
}

const row = (seq: number, told: Told = {}): Row => rowOf(seq, leaf(seq, told));

async function check(rows: readonly Row[], ways: Partial<Ways> = {}) {
  const made = createCheck(LOG, { contiguous: true, whole: false, ...ways });
  await made.add(rows);
  return made.told();
}

describe('the check', () => {
  it('finds nothing in a log as it was written, in one go or in pages', async () => {
    const rows = Array.from({ length: 20 }, (_, n) => row(n));
    const told = await check(rows, { whole: true });
    expect(told).toMatchObject({ count: 20, first: { index: 0 }, last: { index: 19 }, faults: new Map() });
    const made = createCheck(LOG, { contiguous: true, whole: true });
    for (let at = 0; at < rows.length; at += 7) await made.add(rows.slice(at, at + 7));
    expect(made.told()).toEqual(told);
    expect((await check(rows.slice(5))).faults.size).toBe(0);
    expect((await check([])).first).toBeNull();
  });

  it('finds bytes that are not those of the hash, with their index', async () => {
    const forged = { ...row(3), leaf: row(3, { by: 'usr_b' }).leaf };
    expect((await check([row(2), forged, row(4)])).faults).toEqual(new Map([[3, 'hash']]));
    expect(
      (
        await check([
          { ...row(2), hash: '' },
          { ...row(3), leaf: '%' },
        ])
      ).faults,
    ).toEqual(
      new Map([
        [2, 'hash'],
        [3, 'hash'],
      ]),
    );
  });

  it('finds an index that is missing, but under a filter does not look for it', async () => {
    expect((await check([row(2), row(4)])).faults).toEqual(new Map([[4, 'gap']]));
    expect((await check([row(2)], { whole: true })).faults).toEqual(new Map([[2, 'gap']]));
    expect((await check([row(2), row(4)], { contiguous: false })).faults.size).toBe(0);
  });

  it('finds an event of another log or index, one that is no leaf, and time that goes back', async () => {
    const foreign = rowOf(2, { ...leaf(2), log: 'vault.example/ten_b' });
    const moved = rowOf(3, leaf(1));
    const none = rowOf(4, { v: 1 });
    const early = rowOf(6, { ...leaf(6), ts: '2020-01-01T00:00:00.000Z' });
    const found = (await check([foreign, moved, none, row(5), early, row(7)])).faults;
    expect([...found]).toEqual([
      [2, 'place'],
      [3, 'place'],
      [4, 'unreadable'],
      [6, 'time'],
    ]);
  });

  it('finds what is shown to be other than what the bytes say', async () => {
    const { ts, action, actor } = leaf(1);
    const shown = { ...row(1), at: ts, action, actor };
    expect((await check([shown])).faults.size).toBe(0);
    for (const other of [
      { at: '2026-11-25T12:00:09.000Z' },
      { action: 'access.denied' },
      { actor: { id: 'usr_b' } },
      { actor: null },
    ]) {
      expect((await check([{ ...shown, ...other }])).faults).toEqual(new Map([[1, 'shown']]));
    }
  });

  it('finds a listening session that nobody else approved', async () => {
    const asked = { action: 'access.requested', object: { id: 'req_1', recording: 'rec_1', approvals: 1 } };
    const approved = (by: string, type = 'person') => ({
      action: 'access.approved',
      by,
      type,
      object: { id: 'req_1' },
    });
    const opened = (more = {}, by = 'usr_a') => ({
      ...{ action: 'session.opened', by },
      object: { id: 'ses_1', request: 'req_1', recording: 'rec_1', ...more },
    });
    const of = async (...told: Told[]) =>
      check(
        told.map((one, n) => row(n, one)),
        { whole: true },
      );
    expect(await of(asked, approved('usr_b'), opened())).toMatchObject({ listens: 1, faults: new Map() });
    expect((await of(asked, opened())).faults).toEqual(new Map([[1, 'unapproved']]));
    expect((await of(opened())).faults).toEqual(new Map([[0, 'unapproved']]));
    expect([...(await of(asked, approved('usr_a'), opened())).faults.keys()]).toEqual([1, 2]);
    expect([...(await of(asked, approved('svc_b', 'service'), opened())).faults.keys()]).toEqual([1, 2]);
    expect([...(await of(asked, approved('usr_b'), opened({}, 'usr_b'))).faults.keys()]).toEqual([2]);
    expect([...(await of(asked, approved('usr_b'), opened({ recording: 'rec_2' }))).faults.keys()]).toEqual([2]);
    const two = { ...asked, object: { ...asked.object, approvals: 2 } };
    expect([...(await of(two, approved('usr_b'), approved('usr_b'), opened())).faults.keys()]).toEqual([3]);
  });
});

describe('the text of a leaf', () => {
  it('is its exact bytes, and nothing for what is no text', () => {
    expect(leafText(Buffer.from('{"a":"ü"}').toString('base64'))).toBe('{"a":"ü"}');
    expect(leafText(Buffer.from([0xff]).toString('base64'))).toBeNull();
    expect(leafText('%')).toBeNull();
  });
});
