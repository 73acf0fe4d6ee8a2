// Exposure from leaves: what counts for a principal, a key and a node, and what does not.
import { describe, expect, it } from 'vitest';
import { keyLeavingCollector, keyMovesCollector } from '../../src/model/exposed-key.ts';
import { nodeExposureCollector } from '../../src/model/exposed-node.ts';
import { principalExposureCollector } from '../../src/model/exposed-principal.ts';
import type { Leaf } from '../../src/model/log/leaf.ts';

const PERIOD = { since: '2026-07-01T08:00:00.000Z', until: '2026-07-01T18:00:00.000Z' };
const at = (time: string): string => `2026-07-01T${time}:00.000Z`;

type Told = Pick<Leaf, 'action'> & Partial<Pick<Leaf, 'outcome' | 'node'>> & { by?: string; object?: object };

function leaf(time: string, { by = 'usr_a', object, ...rest }: Told): Leaf {
  const actor = { type: 'person', id: by };
  const named = { type: 'x', id: 'x', ...object } as Leaf['object'];
  return { v: 1, log: 'l', seq: 0, ts: at(time), outcome: 'ok', node: 'n1', actor, ...rest, object: named };
}

const opened = (time: string, id: string, more: Omit<Told, 'action'> = {}): Leaf => {
  const facts = { id, recording: `rec_${id}`, grant: `grt_${id}`, ends: at('17:00'), ...more.object };
  return leaf(time, { action: 'session.opened', ...more, object: facts });
};
const ended = (time: string, id: string, more: Omit<Told, 'action'> = {}): Leaf =>
  leaf(time, { action: 'session.ended', ...more, object: { id, ranges: 2, bytes: 1000, seconds: 60, ...more.object } });
const approved = (time: string, id: string, more: Omit<Told, 'action'> = {}): Leaf[] => [
  leaf(time, { action: 'access.requested', ...more, object: { id: `req_${id}`, recording: `rec_${id}` } }),
  leaf(time, {
    action: 'access.approved',
    by: 'usr_s',
    object: { id: `req_${id}`, recording: `rec_${id}`, grant: `grt_${id}`, expires: at('12:00'), ...more.object },
  }),
];

function principal(leaves: readonly Leaf[], apiKey: string | null = null, period = PERIOD) {
  const reading = principalExposureCollector(period, 'usr_a', apiKey);
  for (const one of leaves) reading.add(one);
  return reading.result();
}

function node(leaves: readonly Leaf[], period = PERIOD) {
  const reading = nodeExposureCollector(period, 'n1');
  for (const one of leaves) reading.add(one);
  return reading.result();
}

const heard = (leaves: readonly Leaf[], apiKey: string | null = null): string[] =>
  principal(leaves, apiKey).sessions.map(({ session }) => session);

describe('the exposure of a person', () => {
  it('includes sessions with the counts of their ends', () => {
    const { sessions, affected } = principal([opened('09:00', 'a'), ended('09:01', 'a')]);
    expect(sessions).toEqual([
      {
        session: 'a',
        recording: 'rec_a',
        grant: 'grt_a',
        principal: 'usr_a',
        node: 'n1',
        opened: at('09:00'),
        until: at('09:01'),
        open: false,
        ranges: 2,
        bytes: 1000,
        seconds: 60,
      },
    ]);
    expect([...affected]).toEqual([['rec_a', new Set(['session'])]]);
  });

  it('counts a session without an end up to the end of its grant, without bytes', () => {
    const [session] = principal([opened('09:00', 'a', { object: { ends: at('09:30') } })]).sessions;
    expect(session).toMatchObject({ open: true, ranges: null, bytes: null, seconds: 1800, until: at('09:30') });
    const [longer] = principal([opened('09:00', 'a', { object: { ends: at('23:00') } })]).sessions;
    expect(longer).toMatchObject({ open: true, until: PERIOD.until });
  });

  it('includes a session that overlaps the period, and none before or after it', () => {
    const before = [opened('07:00', 'a'), ended('07:30', 'a'), opened('07:00', 'b', { object: { ends: at('07:59') } })];
    const after = [opened('18:01', 'd'), ended('18:02', 'd')];
    expect(heard([...before, opened('07:50', 'c'), ended('08:10', 'c'), ...after])).toEqual(['c']);
    // A session that ended after the period was open at its end.
    expect(
      principal([opened('17:59', 'e', { object: { ends: at('19:00') } }), ended('18:30', 'e')]).sessions[0],
    ).toMatchObject({ open: true, bytes: null });
  });

  it('excludes sessions of others, even if the person ended them', () => {
    const other = { by: 'usr_b' };
    expect(heard([opened('09:00', 'a', other), ended('09:01', 'a')])).toEqual([]);
    // An end without an opening counts for no person; and the end of one session does not end another.
    expect(heard([ended('09:01', 'a')])).toEqual([]);
    const [session] = principal([opened('09:00', 'a'), ended('09:05', 'b')]).sessions;
    expect(session).toMatchObject({ session: 'a', open: true });
  });

  it('ignores denied events', () => {
    expect(heard([opened('09:00', 'a', { outcome: 'refused' })])).toEqual([]);
  });

  it('includes unused grants while they were live', () => {
    const used = [...approved('09:00', 'a'), opened('09:10', 'a'), ended('09:11', 'a')];
    const revoked = leaf('09:30', { action: 'grant.revoked', by: 'usr_s', object: { id: 'grt_b' } });
    const early = leaf('07:30', { action: 'grant.revoked', by: 'usr_s', object: { id: 'grt_c' } });
    const over = { object: { expires: at('07:59') } };
    const others = approved('09:00', 'e', { by: 'usr_b' });
    const leaves = [
      ...approved('07:00', 'c'),
      early,
      ...approved('07:00', 'd', over),
      ...used,
      ...approved('09:00', 'b'),
    ];
    const { unused, affected } = principal([...leaves, revoked, ...others]);
    expect(unused).toEqual([{ grant: 'grt_b', recording: 'rec_b', approved: at('09:00'), until: at('09:30') }]);
    expect(affected.get('rec_b')).toEqual(new Set(['grant']));
    expect([...affected.keys()].sort()).toEqual(['rec_a', 'rec_b']);
  });

  it('counts pages by the events that close their windows', () => {
    const page = (time: string, counted?: number) =>
      leaf(time, { action: 'catalogue.read', object: counted === undefined ? {} : { counted, window: at('08:00') } });
    const pages = [page('08:04', 7), page('08:05'), page('08:10', 4), page('08:20'), page('08:25', 2), page('08:30')];
    expect(principal(pages).metadata).toMatchObject({ pages: 7 });
  });

  it('counts views, searches and pages, including those in a later window’s event', () => {
    const page = (time: string, before?: number) =>
      leaf(time, { action: 'catalogue.read', object: before === undefined ? {} : { before } });
    const { metadata, affected } = principal([
      page('07:58'),
      page('08:05', 9),
      page('08:10', 4),
      leaf('08:20', { action: 'recording.searched' }),
      leaf('08:21', { action: 'recording.read', object: { id: 'rec_x' } }),
      leaf('08:22', { action: 'recording.read', object: { id: 'rec_x' } }),
      leaf('08:23', { action: 'recording.read', by: 'usr_b', object: { id: 'rec_y' } }),
    ]);
    expect(metadata).toEqual({ looks: 2, searches: 1, pages: 5 });
    expect([...affected]).toEqual([['rec_x', new Set(['metadata'])]]);
  });
});

describe('the exposure of an API key', () => {
  const mine = { object: { api_key: 'key_1' } };
  const another = { object: { api_key: 'key_2' } };

  it('includes sessions opened with it, and events that name no key', () => {
    const leaves = [opened('09:00', 'a', mine), opened('09:01', 'b', another), opened('09:02', 'c')];
    expect(heard(leaves, 'key_1')).toEqual(['a', 'c']);
    expect(principal(leaves, 'key_1')).toMatchObject({ keyless: 1, otherKeys: 1 });
    expect(heard(leaves)).toEqual(['a', 'b', 'c']);
  });

  it('ends when the key is revoked; open sessions may end later', () => {
    const revoked = leaf('10:00', { action: 'api_key.revoked', by: 'op', object: { id: 'key_1' } });
    const unrelated = leaf('08:30', { action: 'api_key.revoked', by: 'op', object: { id: 'key_2' } });
    const leaves = [unrelated, opened('09:00', 'a', mine), revoked, opened('10:30', 'b', mine), ended('11:00', 'a')];
    const { sessions } = principal(leaves, 'key_1');
    expect(sessions).toMatchObject([{ session: 'a', open: false, until: at('11:00') }]);
  });
});

describe('the exposure of a node', () => {
  const there = { node: 'n2' };
  const deposited = (time: string, action: string, id: string, more: Partial<Told> = {}): Leaf =>
    leaf(time, { action: `deposit.${action}`, ...more, object: { id, recording: `rec_${id}` } });

  it('includes sessions opened on it, and counts those opened elsewhere', () => {
    const told = node([opened('09:00', 'a'), ended('09:01', 'a', there), opened('09:00', 'b', there)]);
    expect(told.sessions.map(({ session }) => session)).toEqual(['a']);
    expect(told.elsewhere).toBe(1);
  });

  it('includes deposits that it received or read back, while they lasted', () => {
    const { affected, deposits } = node([
      deposited('06:00', 'started', 'long'),
      deposited('06:00', 'started', 'over'),
      deposited('07:00', 'available', 'over'),
      deposited('07:00', 'started', 'given-up'),
      deposited('09:00', 'aborted', 'given-up', there),
      deposited('08:30', 'started', 'else', there),
      deposited('08:31', 'available', 'else', there),
      deposited('08:30', 'started', 'settled', there),
      deposited('08:40', 'available', 'settled'),
    ]);
    expect([...affected.keys()].sort()).toEqual(['rec_given-up', 'rec_long', 'rec_settled']);
    expect(deposits).toBe(3);
  });

  it('includes the metadata key up to a quarter of an hour after the hour of its use', () => {
    const used = (time: string, why: string, more: Partial<Told> = {}): Leaf =>
      leaf(time, { action: 'key.used', ...more, object: { id: 'ten_1', why } });
    expect(node([used('07:10', 'metadata')]).metadataKey).toBe(true);
    expect(node([used('06:10', 'metadata')])).toMatchObject({ metadataKey: false, keyUses: {} });
    expect(node([used('09:00', 'metadata', there)]).metadataKey).toBe(false);
    expect(node([used('09:00', 'settle')])).toMatchObject({ metadataKey: false, keyUses: { settle: 1 } });
    expect(node([leaf('09:00', { action: 'tenant.created' })]).metadataKey).toBe(true);
    const lent = (more: Partial<Told> = {}): Leaf =>
      leaf('09:00', { action: 'key.rewrapped', ...more, object: { count: 7, how: 'lent' } });
    expect(
      node([lent(), lent(there), leaf('09:00', { action: 'key.rewrapped', object: { count: 7, how: 'inside' } })]).lent,
    ).toBe(7);
    const own = leaf('09:00', { action: 'key.rewrapped', object: { count: 1, how: 'lent', use: 'metadata' } });
    expect(node([own])).toMatchObject({ lent: 0, metadataKey: true });
    expect(node([lent()])).toMatchObject({ lent: 7, metadataKey: false });
  });
});

describe('the exposure of a key', () => {
  it('has the time when the tenant last replaced it', () => {
    const turned = (time: string, id: string, from?: string): Leaf =>
      leaf(time, { action: 'key.rotated', object: { id, key: 'k', ...(from === undefined ? {} : { from }) } });
    const left = (leaves: readonly Leaf[]): string | null => {
      const reading = keyLeavingCollector('ten_a', 'old');
      for (const one of leaves) reading.add(one);
      return reading.result();
    };
    expect(left([turned('08:00', 'ten_a'), turned('08:10', 'ten_b', 'old'), turned('08:20', 'ten_a', 'older')])).toBe(
      null,
    );
    expect(left([turned('08:00', 'ten_a', 'old'), turned('09:00', 'ten_a', 'old')])).toBe(at('09:00'));
  });

  it('counts re-wrapped keys and erased recordings since', () => {
    const rewrapped = (time: string, count: number): Leaf => leaf(time, { action: 'key.rewrapped', object: { count } });
    const reading = keyMovesCollector(PERIOD);
    for (const one of [
      rewrapped('07:00', 100),
      rewrapped('09:00', 20),
      rewrapped('09:01', 3),
      // The tenant's metadata key is not a data key.
      leaf('09:02', { action: 'key.rewrapped', object: { count: 1, use: 'metadata' } }),
      leaf('09:02', { action: 'key.rewrapped', object: { count: 1, use: 'ingest' } }),
      rewrapped('18:30', 100),
      leaf('07:00', { action: 'recording.reencrypted', object: { id: 'rec_z' } }),
      leaf('09:00', { action: 'recording.reencrypted', object: { id: 'rec_a' } }),
      leaf('09:00', { action: 'recording.erased', object: { id: 'rec_b' } }),
    ])
      reading.add(one);
    expect(reading.result()).toEqual({ rewrapped: 23, gone: ['rec_a', 'rec_b'] });
  });
});
