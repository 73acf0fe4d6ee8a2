// The clock of a grant: the first listen starts it within its window, it never pauses, and can be extended once.
import { beforeAll, describe, expect, it } from 'vitest';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { expireAccess } from '../../src/vault/listening/expire-access.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import type { World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

type GrantJson = {
  readonly id: string;
  readonly state: string;
  readonly expires: string;
  readonly minutes: number | null;
  readonly opens_until: string | null;
  readonly started: string | null;
  readonly extend_minutes: number | null;
  readonly extended: string | null;
};

describe.each(ENGINES)('the clock of a grant on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the database', () => undefined);
  const world: World = sharedWorld({}, engine);
  let recording: string;
  let calls = 0;

  beforeAll(async () => {
    recording = await world.deposited(world.harbour, 'timed', wav(1_000));
  });

  const key = () => world.harbour.reviewer.key;
  const at = (path: string, method = 'GET', json?: unknown, by = key()) =>
    world.call(method, path, { key: by, ...(json === undefined ? {} : { json }) });
  const read = async (id: string): Promise<GrantJson> => (await (await at(`/v1/grants/${id}`)).json()) as GrantJson;
  const ask = async (minutes = 15): Promise<string> => {
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes };
    return ((await (await at('/v1/access-requests', 'POST', json)).json()) as { id: string }).id;
  };
  const approve = (id: string, only: object = {}) =>
    at(`/v1/access-requests/${id}/approve`, 'POST', only, world.harbour.supervisor.key);
  const granted = async (only: object = {}): Promise<GrantJson> => {
    const reply = await approve(await ask(), only);
    expect(reply.status).toBe(200);
    return ((await reply.json()) as { grant: GrantJson }).grant;
  };
  const open = (grant: string) => at(`/v1/grants/${grant}/sessions`, 'POST');
  const opened = async (grant: string): Promise<{ readonly id: string; readonly ends: string }> => {
    const reply = await open(grant);
    expect(reply.status).toBe(201);
    return (await reply.json()) as { id: string; ends: string };
  };
  const extend = (grant: string, by = key()) => at(`/v1/grants/${grant}/extend`, 'POST', undefined, by);
  const codes = async (reply: Response): Promise<readonly string[]> =>
    ((await reply.json()) as { checks: { ok: boolean | null; code?: string }[] }).checks.flatMap(({ ok, code }) =>
      ok === false && code !== undefined ? [code] : [],
    );
  const since = (from: string | null, until: string): number => Date.parse(until) - Date.parse(from ?? '');

  it('waits for the first listen, which starts it', async () => {
    const grant = await granted();
    expect(grant).toMatchObject({ minutes: 15, started: null, extend_minutes: 10, extended: null });
    expect(grant.expires).toBe(grant.opens_until);
    world.forward(7 * HOUR);
    const session = await opened(grant.id);
    const started = await read(grant.id);
    expect(since(started.started, started.expires)).toBe(15 * MINUTE);
    expect(session.ends).toBe(started.expires);
    // A second use ends with the first: the clock does not pause or start again.
    world.forward(10 * MINUTE);
    expect((await opened(grant.id)).ends).toBe(started.expires);
    world.forward(5 * MINUTE);
    expect(await codes(await open(grant.id))).toEqual(['grant_expired']);
    expect((await at(`/v1/sessions/${session.id}/media`)).status).toBe(403);
  });

  it('ends with its window without a first listen', async () => {
    const grant = await granted();
    world.forward(8 * HOUR);
    expect(await codes(await open(grant.id))).toEqual(['grant_expired']);
    await expireAccess(world.vault, wait());
    expect(await read(grant.id)).toMatchObject({ state: 'expired', started: null });
  });

  it('has the window and the extension that the approver left it', async () => {
    const until = new Date(world.vault.clock.now() + HOUR).toISOString();
    const grant = await granted({ opens_until: until, extend: false });
    expect(grant).toMatchObject({ opens_until: until, expires: until, extend_minutes: null });
    await opened(grant.id);
    expect(await codes(await extend(grant.id))).toEqual(['extension_not_approved']);
    const late = new Date(world.vault.clock.now() + 9 * HOUR).toISOString();
    const wider = await approve(await ask(), { opens_until: late });
    expect(wider.status).toBe(400);
    expect(await wider.json()).toMatchObject({ errors: [{ pointer: '/opens_until' }] });
  });

  it('is extended once, with its live sessions', async () => {
    const grant = await granted();
    expect(await codes(await extend(grant.id))).toEqual(['not_started']);
    const session = await opened(grant.id);
    const other = await extend(grant.id, world.harbour.colleague.key);
    expect(other.status).toBe(404);
    const reply = await extend(grant.id);
    expect(reply.status).toBe(200);
    const after = (await reply.json()) as GrantJson;
    expect(since(after.started, after.expires)).toBe(25 * MINUTE);
    expect(after.expires).toBe((await read(grant.id)).expires);
    expect(await codes(await extend(grant.id))).toEqual(['already_extended']);
    world.forward(16 * MINUTE);
    await expireAccess(world.vault, wait());
    expect((await at(`/v1/sessions/${session.id}/media`)).status).toBe(200);
    world.forward(9 * MINUTE);
    expect((await at(`/v1/sessions/${session.id}/media`)).status).toBe(403);
    await expireAccess(world.vault, wait());
    expect(await read(grant.id)).toMatchObject({ state: 'expired' });
    expect(await codes(await extend(grant.id))).toContain('grant_expired');
  });

  it('gives a repeated decision the answer of the first, also after the first listen', async () => {
    const id = await ask();
    const headers = { 'idempotency-key': `decision-${engine}-${calls++}` };
    const send = () =>
      world.call('POST', `/v1/access-requests/${id}/approve`, { key: world.harbour.supervisor.key, headers, json: {} });
    const first = (await (await send()).json()) as { grant: GrantJson };
    await opened(first.grant.id);
    await extend(first.grant.id);
    expect(await (await send()).json()).toEqual(first);
  });

  it.each([0, 1, 2, 3])('opens or expires when both happen at the end of the window (%i)', async (round) => {
    const grant = await granted();
    world.forward(8 * HOUR - (round < 2 ? 1 : 0));
    const [reply] = await Promise.all([open(grant.id), expireAccess(world.vault, wait())]);
    const after = await read(grant.id);
    if (reply.status === 201) {
      expect(after).toMatchObject({ state: 'approved' });
      expect(since(after.started, after.expires)).toBe(15 * MINUTE);
    } else {
      expect(after.started).toBe(null);
      world.forward(1);
      await expireAccess(world.vault, wait());
      expect((await read(grant.id)).state).toBe('expired');
    }
  });

  it('starts once where several first listens arrive at once', async () => {
    const grant = await granted();
    const replies = await Promise.all([open(grant.id), open(grant.id), open(grant.id), open(grant.id)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([201, 201, 201, 403]);
    const ends = await Promise.all(replies.filter(({ status }) => status === 201).map((reply) => reply.json()));
    const after = await read(grant.id);
    for (const session of ends) expect(session).toMatchObject({ ends: after.expires });
    expect(since(after.started, after.expires)).toBe(15 * MINUTE);
  });

  it.each(['revoke', 'expire'] as const)('is extended, or ends, where %s comes at the same time', async (how) => {
    for (let round = 0; round < 6; round++) {
      const grant = await granted();
      const session = await opened(grant.id);
      if (how === 'expire') world.forward(15 * MINUTE - 1);
      const end = async () => {
        if (how === 'revoke') return at(`/v1/grants/${grant.id}/revoke`, 'POST', {});
        world.forward(1);
        return expireAccess(world.vault, wait());
      };
      const [reply] = await Promise.all([extend(grant.id), end()]);
      const after = await read(grant.id);
      const media = await at(`/v1/sessions/${session.id}/media`);
      if (after.state === 'approved') {
        expect(reply.status).toBe(200);
        expect(since(after.started, after.expires)).toBe(25 * MINUTE);
        expect(media.status).toBe(200);
      } else {
        expect(after.state).toBe(how === 'revoke' ? 'revoked' : 'expired');
        expect(media.status).toBe(403);
      }
    }
  });

  it('keeps the keys of a session that is extended after its expiry was read', async () => {
    const grant = await granted();
    const session = await opened(grant.id);
    expect((await at(`/v1/sessions/${session.id}/media`)).status).toBe(200);
    const { db } = world.vault;
    const read: typeof db.read = async (work, request) => {
      const now = () => Promise.resolve(session.ends);
      const due = await db.read((rows) => work({ ...rows, now }), request);
      expect((await extend(grant.id)).status).toBe(200);
      return due;
    };
    await expireAccess({ ...world.vault, db: { ...db, read } }, wait());
    expect(world.vault.sessionKeys.sessions().map(({ id }) => id)).toContain(session.id);
    expect((await at(`/v1/sessions/${session.id}/media`)).status).toBe(200);
  });

  it('leaves a log that is whole', async () => {
    const { tenant } = world.harbour;
    const events = await world.vault.db.read((rows) => rows.log.events(tenant, 0, 100_000), wait());
    const found = checkLog(logName(world.vault.settings.origin, tenant), events, leafHash);
    expect(found).toEqual([]);
    const leaves = events.map(
      ({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as { action: string; object: object },
    );
    const of = (action: string) => leaves.find((leaf) => leaf.action === action)?.object;
    expect(of('access.approved')).toMatchObject({ minutes: 15, extend_minutes: 10, opens_until: expect.any(String) });
    expect(of('grant.extended')).toMatchObject({ type: 'grant', recording, expires: expect.any(String) });
  });
});
