// Limits of a policy on listening, as a person meets them: denied openings, the explanation, and a session that ends.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Policy } from '../../src/model/policy.ts';
import { previewPolicyByCommand, readPolicyByCommand } from '../../src/vault/changes/policy-by-command.ts';
import { eventsOf } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { setPolicy } from '../support/limits.ts';
import { countQueries } from '../support/query-counts.ts';
import { wavOf } from '../support/vault.ts';
import type { KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import type { Problem } from './problem.ts';

const HOUR = 3_600_000;
const wait = () => ({ signal: AbortSignal.timeout(600_000) });
const ALL_WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const NONE = { hours: undefined, perDay: undefined, atOnce: undefined, openRequests: undefined, pace: undefined };

describe.each(ENGINES)('limits of listening on $engine $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let recording = '';
  let calls = 0;
  beforeAll(async () => {
    if (!present) return;
    recording = await world.deposited(world.harbour, 'limited', wavOf(480_000));
  });

  const limit = (members: Partial<Policy>) =>
    setPolicy(world.vault, world.harbour.tenant, { ...NONE, uses: 20, ...members });
  const grantOf = async (who: KeyHolder, of = recording): Promise<string> => {
    const json = { recording: of, purpose: 'quality', reason: 'weekly sample', minutes: 60 };
    const asked = (await (await world.call('POST', '/v1/access-requests', { key: who.key, json })).json()) as {
      id: string;
    };
    const path = `/v1/access-requests/${asked.id}/approve`;
    const approved = await world.call('POST', path, { key: world.harbour.supervisor.key });
    return ((await approved.json()) as { grant: { id: string } }).grant.id;
  };
  const open = (who: KeyHolder, grant: string) => world.call('POST', `/v1/grants/${grant}/sessions`, { key: who.key });
  const opened = async (who: KeyHolder, grant: string): Promise<string> =>
    ((await (await open(who, grant)).json()) as { id: string }).id;
  const hear = (who: KeyHolder, session: string) =>
    world.call('GET', `/v1/sessions/${session}/media`, { key: who.key, headers: { range: 'bytes=0-999' } });
  const why = async (who: KeyHolder) => {
    const reply = await world.call('GET', `/v1/recordings/${recording}/access?purpose=quality`, { key: who.key });
    return (await reply.json()) as { allowed: boolean; code: string | null; next: string; checks: unknown[] };
  };
  const newReviewer = (): Promise<KeyHolder> => world.person(world.harbour.tenant, ['reviewer']);
  /** Moves the clock to a time of the day in London, a day later at least, also where the clock changes in between. */
  const untilLondon = (time: string): void => {
    const zone = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', timeStyle: 'medium' });
    const msOf = (text: string): number => {
      const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
      return hours * HOUR + minutes * 60_000 + seconds * 1_000;
    };
    world.forward(24 * HOUR);
    for (let round = 0; round < 3; round++) {
      const left = msOf(time) - msOf(zone.format(world.vault.clock.now()));
      world.forward((left + 24 * HOUR) % (24 * HOUR));
    }
  };
  const previewed = async (members: Partial<Policy>) => {
    const { base, policy } = await readPolicyByCommand(world.vault, world.harbour.tenant, wait());
    const wanted = { kind: 'policy', base, policy: { ...policy, ...members } } as const;
    const drafted = await previewPolicyByCommand(world.vault, world.harbour.tenant, wanted, wait());
    return drafted.preview.replay;
  };
  const denial = async (reply: Response) => {
    const body = (await reply.json()) as Problem & { readonly checks?: readonly { readonly detail?: string }[] };
    const failed = body.checks?.find(({ ok }) => ok !== true);
    return { status: reply.status, code: body.code, detail: body.detail, failed };
  };

  it.runIf(present)('deny a session over the day’s, say why, and count the denial', async () => {
    untilLondon('10:00');
    const reviewer = await newReviewer();
    await limit({ perDay: { sessions: 2 } });
    const grant = await grantOf(reviewer);
    expect(await why(reviewer)).toMatchObject({ allowed: true, next: 'listen' });
    for (let n = 0; n < 2; n++) expect((await open(reviewer, grant)).status).toBe(201);
    expect(await denial(await open(reviewer, grant))).toEqual({
      ...{ status: 403, code: 'access_refused', detail: expect.stringContaining('2 sessions today') },
      failed: { check: 'sessions-left-today', ok: false, code: 'daily_sessions', detail: '2' },
    });
    expect(await why(reviewer)).toMatchObject({ allowed: false, code: 'daily_sessions', next: 'none' });
    const counted = (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'content.refused');
    expect(counted.map(({ object }) => object)).toContainEqual(expect.objectContaining({ type: 'grant', id: grant }));
    // The next day begins at midnight in London.
    untilLondon('00:01');
    const later = await grantOf(reviewer);
    expect((await open(reviewer, later)).status).toBe(201);
  });

  it.runIf(present)('deny a live session too many until one ends', async () => {
    const reviewer = await newReviewer();
    await limit({ atOnce: 1 });
    const grant = await grantOf(reviewer);
    const session = await opened(reviewer, grant);
    expect((await denial(await open(reviewer, grant))).failed).toMatchObject({ code: 'too_many_live', detail: '1' });
    expect(await why(reviewer)).toMatchObject({ code: 'too_many_live', next: 'none' });
    expect((await hear(reviewer, session)).status).toBe(206);
    await world.call('DELETE', `/v1/sessions/${session}`, { key: reviewer.key });
    expect((await open(reviewer, grant)).status).toBe(201);
    // A session that its grant's clock has ended is not live, though nothing has swept it yet.
    world.forward(61 * 60_000);
    expect((await open(reviewer, await grantOf(reviewer))).status).toBe(201);
  });

  it.runIf(present)('end a session within a piece when the hours end, and say so', async () => {
    untilLondon('19:30');
    const reviewer = await newReviewer();
    await limit({ hours: { days: ALL_WEEK, from: '08:00', to: '20:00' } });
    const grant = await grantOf(reviewer);
    const session = await opened(reviewer, grant);
    expect((await hear(reviewer, session)).status).toBe(206);
    world.forward(HOUR / 2);
    const ended = await denial(await hear(reviewer, session));
    expect(ended).toMatchObject({ status: 403, code: 'session_ended', failed: { code: 'outside_hours' } });
    expect(ended.detail).toContain('08:00–20:00');
    expect((await denial(await open(reviewer, grant))).failed).toMatchObject({ code: 'outside_hours' });
    expect(await why(reviewer)).toMatchObject({ code: 'outside_hours', next: 'none' });
    untilLondon('08:00');
    expect((await open(reviewer, await grantOf(reviewer))).status).toBe(201);
  });

  it.runIf(present)('deny a request too many, until one is decided or withdrawn', async () => {
    const reviewer = await newReviewer();
    await limit({ openRequests: 2 });
    const other = await world.deposited(world.harbour, `other-${calls++}`, wavOf(1_000));
    const ask = (of: string, purpose = 'quality') =>
      world.call('POST', '/v1/access-requests', {
        key: reviewer.key,
        json: { recording: of, purpose, reason: 'weekly sample', minutes: 15 },
      });
    const first = (await (await ask(other)).json()) as { id: string };
    expect((await ask(other)).status).toBe(201);
    expect(await denial(await ask(recording))).toMatchObject({
      ...{ status: 403, failed: { check: 'open-requests', code: 'too_many_open', detail: '2' } },
    });
    expect(await why(reviewer)).toMatchObject({ code: 'too_many_open', next: 'none' });
    await world.call('POST', `/v1/access-requests/${first.id}/cancel`, { key: reviewer.key });
    expect(await why(reviewer)).toMatchObject({ code: 'approval_required', next: 'ask' });
    expect((await ask(recording)).status).toBe(201);
  });

  it.runIf(present)(
    'stop playback at the minutes of the day, but not what was served, until the next day',
    async () => {
      untilLondon('10:00');
      const reviewer = await newReviewer();
      const long = await world.deposited(world.harbour, `long-${calls++}`, wavOf(16_000 * 200));
      const piece = (session: string, n: number) =>
        world.call('GET', `/v1/sessions/${session}/media`, {
          key: reviewer.key,
          headers: { range: `bytes=${n * 480_000}-${(n + 1) * 480_000 - 1}` },
        });
      const drained = async (session: string, n: number): Promise<number> => {
        const reply = await piece(session, n);
        await reply.arrayBuffer();
        return reply.status;
      };
      // What was served before there was a limit counts too.
      await limit({});
      const first = await opened(reviewer, await grantOf(reviewer, long));
      expect(await drained(first, 0)).toBe(206);
      await limit({ perDay: { minutes: 2 } });
      const second = await opened(reviewer, await grantOf(reviewer, long));
      expect([await drained(second, 0), await drained(second, 1)]).toEqual([206, 206]);
      const denied = await denial(await piece(second, 2));
      expect(denied).toMatchObject({
        status: 403,
        code: 'session_ended',
        failed: { code: 'daily_minutes', detail: '2' },
      });
      expect(denied.detail).toContain('2 minutes');
      // The rest of the minute that the first session began, and what was served.
      expect([await drained(first, 1), await drained(first, 0), await drained(second, 1)]).toEqual([206, 206, 206]);
      expect((await piece(first, 2)).status).toBe(403);
      expect((await denial(await open(reviewer, await grantOf(reviewer, long)))).failed).toMatchObject({
        check: 'minutes-left-today',
        code: 'daily_minutes',
      });
      untilLondon('00:01');
      const later = await opened(reviewer, await grantOf(reviewer, long));
      expect(await drained(later, 2)).toBe(206);
    },
  );

  it.runIf(present)('are replayed over what was opened and asked for in 30 days', async () => {
    untilLondon('09:00');
    await limit({});
    const reviewer = await newReviewer();
    const before = await previewed({ perDay: { sessions: 1_000 } });
    const grant = await grantOf(reviewer);
    for (let n = 0; n < 4; n++) await opened(reviewer, grant);
    const after = await previewed({ perDay: { sessions: 3 } });
    const [{ openings: old }, { openings }] = [before, after];
    expect(openings?.count).toBe((old?.count ?? 0) + 4);
    expect(old?.denied).toEqual([]);
    expect(openings?.denied).toEqual([{ code: 'daily_sessions', count: 1 }]);
    const ended = await previewed({ hours: { days: ALL_WEEK, from: '12:00', to: '12:30' } });
    expect(ended.sessions_end).toBeGreaterThanOrEqual(4);
    expect(ended.openings?.denied).toContainEqual({ code: 'outside_hours', count: expect.any(Number) });
    // No limit changes: sessions are not read.
    expect((await previewed({ uses: 19 })).openings).toBeUndefined();
  });

  it.runIf(present)('cost a piece nothing unless it begins a minute', async () => {
    const reviewer = await newReviewer();
    await limit({});
    const cost = async (session: string, range: string) => {
      const { counted } = await countQueries(async () => {
        const path = `/v1/sessions/${session}/media`;
        const reply = await world.call('GET', path, { key: reviewer.key, headers: { range } });
        expect(reply.status).toBe(206);
        await reply.arrayBuffer();
      });
      const { statements, reads, writes } = counted;
      return { statements, reads, writes };
    };
    const session = await opened(reviewer, await grantOf(reviewer));
    await cost(session, 'bytes=0-9999');
    const without = await cost(session, 'bytes=10000-19999');
    await limit({ perDay: { minutes: 60 }, hours: { days: ALL_WEEK, from: '00:00', to: '24:00' }, pace: 2 });
    await cost(session, 'bytes=20000-29999');
    expect(await cost(session, 'bytes=30000-39999')).toEqual(without);
  });

  it.runIf(present)('cost an opening one statement, and none where the policy sets none', async () => {
    const reviewer = await newReviewer();
    await limit({});
    const grant = await grantOf(reviewer);
    const cost = async () => {
      const { counted } = await countQueries(async () => void (await opened(reviewer, grant)));
      const { statements, reads, writes } = counted;
      return { statements, reads, writes };
    };
    await cost();
    const without = await cost();
    await limit({ hours: { days: ALL_WEEK, from: '00:00', to: '24:00' } });
    await cost();
    expect(await cost()).toEqual(without);
    await limit({ perDay: { sessions: 20 }, atOnce: 20 });
    await cost();
    const limited = await cost();
    expect(limited.statements).toBe(without.statements + 1);
    expect(limited).toMatchObject({ reads: without.reads, writes: without.writes });
  });
});
