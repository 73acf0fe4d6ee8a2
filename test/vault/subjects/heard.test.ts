// Who listened to a recording, from the log, on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { POLICY_WITHOUT, type Policy, RULE_WITHOUT } from '../../../src/model/policy.ts';
import { heardOf } from '../../../src/vault/subjects/heard.ts';
import { ENGINES } from '../../support/engines.ts';
import { CALL } from '../../support/opened-call.ts';
import { sharedWorld } from '../../support/worlds.ts';

const rule = { ...RULE_WITHOUT, bases: [], approvals: 1, objects: [], longestMinutes: 30 } as const;
const POLICY = {
  ...POLICY_WITHOUT,
  purposes: { quality: { ...rule, roles: ['reviewer'] }, dispute: { ...rule, roles: ['supervisor'] } },
} as unknown as Policy;

const request = () => ({ signal: AbortSignal.timeout(60_000) });

describe.each(ENGINES)('on $engine, what the log says of who heard a recording $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [recording, other] = ['', ''];
  const heard = (id: string, tenant = world.harbour.tenant) =>
    world.vault.db.read((rows) => heardOf(rows, tenant, null)(id), request());
  const get = (path: string, key: string, range: string) =>
    world.call('GET', path, { key, headers: { range } }).then((reply) => reply.arrayBuffer());
  const end = (session: string) => world.call('DELETE', `/v1/sessions/${session}`, { key: world.harbour.reviewer.key });

  beforeAll(async () => {
    if (!present) return;
    recording = await world.deposited(world.harbour, 'heard', CALL);
    other = await world.deposited(world.harbour, 'other', CALL);
    const { harbour } = world;
    const put = {
      key: harbour.uploader.key,
      type: 'text/vtt',
      body: Buffer.from('WEBVTT\n\n00:00.000 --> 00:01.000\nhello\n'),
    };
    expect((await world.call('PUT', `/v1/recordings/${recording}/transcripts/en`, put)).status).toBe(201);
  }, 300_000);

  it.runIf(present)(
    'has each session in which anything was served, oldest first, with purpose, role and length',
    async () => {
      const { harbour } = world;
      const grant = await world.grant(harbour, recording, { objects: ['audio', 'transcript'] });
      const first = await world.session(harbour, grant);
      await get(`/v1/sessions/${first}/media`, harbour.reviewer.key, 'bytes=0-65535');
      await end(first);
      const unheard = await world.session(harbour, grant);
      await end(unheard);
      const read = await world.session(harbour, grant);
      expect(
        (await world.call('GET', `/v1/sessions/${read}/transcripts/en`, { key: harbour.reviewer.key })).status,
      ).toBe(200);
      await end(read);
      const complaint = await world.grant(harbour, recording, { purpose: 'complaint' });
      const open = await world.session(harbour, complaint);
      await get(`/v1/sessions/${open}/media`, harbour.reviewer.key, 'bytes=0-65535');

      const found = await heard(recording);
      expect(found.map(({ at: _, ...one }) => one)).toEqual([
        { purpose: 'quality', role: 'reviewer', heard_ms: expect.any(Number) },
        { purpose: 'quality', role: 'reviewer', heard_ms: null },
        { purpose: 'complaint', role: 'reviewer', heard_ms: null },
      ]);
      expect(found[0]?.heard_ms).toBeGreaterThan(3_000);
      expect(found.map(({ at }) => at)).toEqual(found.map(({ at }) => at).sort());
      expect(JSON.stringify(found)).not.toMatch(/usr_/);
      expect(await heard(other)).toEqual([]);
      expect(await heard(recording, world.yunhai.tenant)).toEqual([]);
    },
    300_000,
  );
});

describe('what the log says of who heard a recording', () => {
  const recording = 'rec_1';
  const eventOf = (seq: number, action: string, object: object, outcome = 'ok') => ({
    ...{ log: 'ten_a', seq, hash: Buffer.alloc(32) },
    leaf: Buffer.from(
      JSON.stringify({
        ...{ v: 1, log: 'vault.example/ten_a', seq, ts: new Date(seq * 60_000).toISOString(), action, outcome },
        ...{
          actor: { type: 'person', id: `usr_${seq % 3}` },
          node: 'n',
          object: { type: 'session', recording, ...object },
        },
      }),
    ),
  });
  const of = (events: readonly ReturnType<typeof eventOf>[]) => {
    let reads = 0;
    const log = {
      eventsOf: (_log: string, _recording: string, below: number | null, limit: number) => {
        reads++;
        const older = events.filter(({ seq }) => below === null || seq < below).reverse();
        return Promise.resolve(older.slice(0, limit));
      },
    };
    const roles = [['supervisor', 'reviewer'], ['auditor'], null];
    const principals = {
      find: (_tenant: string, id: string) => {
        const found = roles[Number(id.slice(4))] ?? null;
        return Promise.resolve(found === null ? null : { roles: found });
      },
    };
    return { read: heardOf({ log, principals } as never, 'ten_a', POLICY)(recording), reads: () => reads };
  };

  it('reads a log of many pages to its end', async () => {
    const events = Array.from({ length: 1_000 }, (_, n) =>
      n % 2 === 0
        ? eventOf(n, 'session.opened', { id: `ses_${n}`, purpose: 'dispute' })
        : eventOf(n, 'session.ended', { id: `ses_${n - 1}`, ranges: n % 4 === 1 ? 2 : 0, heard_ms: n }),
    );
    const { read, reads } = of(events);
    const found = await read;
    expect(found.map(({ heard_ms: ms }) => ms)).toEqual(Array.from({ length: 250 }, (_, n) => 4 * n + 1));
    expect(reads()).toBe(6);
  });

  it('names the role that listens for the purpose, and none of those that listen to nothing', async () => {
    const opened = (n: number, purpose: string) => eventOf(n, 'session.opened', { id: `ses_${n}`, purpose });
    const found = await of([opened(0, 'dispute'), opened(1, 'dispute'), opened(2, 'dispute'), opened(3, 'quality')])
      .read;
    expect(found.map(({ role }) => role)).toEqual(['supervisor', null, null, 'reviewer']);
  });

  it('leaves out what failed, and what is of another recording', async () => {
    const { read } = of([
      eventOf(0, 'session.opened', { id: 'ses_0', purpose: 'quality' }, 'refused'),
      eventOf(1, 'session.opened', { id: 'ses_1', purpose: 'quality', recording: 'rec_2' }),
      { ...eventOf(2, 'session.opened', { id: 'ses_2', purpose: 'quality' }), leaf: Buffer.from('no leaf') },
    ]);
    expect(await read).toEqual([]);
  });
});
