// Idempotency-Key: scope, form and lifetime of a key, and recovery from a crash.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseIdempotencyKey } from '../../src/http/idempotency.ts';
import type { Reply } from '../../src/model/idempotency.ts';
import { runIdempotent } from '../../src/vault/core/idempotency/run-idempotent.ts';
import { forgetReplies } from '../../src/vault/core/idempotency/stored-reply.ts';
import type { World } from '../support/world.ts';
import { type Keyed, makeKeyed, recordingOf, wishFor } from './keyed.ts';
import { expectProblem } from './problem.ts';

let world: World;
let recording: string;
let post: Keyed['post'];
let asked: Keyed['asked'];
let keys: Keyed['keys'];
let all: Keyed['all'];
beforeEach(async () => {
  ({ world, recording, post, asked, keys, all } = await makeKeyed());
});
afterEach(() => world.end());

const DAY = 86_400_000;
const request = () => ({ signal: AbortSignal.timeout(600_000) });

describe('a key', () => {
  it('is scoped to principal, route and tenant', async () => {
    const { reviewer, colleague, privacy } = world.harbour;
    const far = await recordingOf(world, world.yunhai);
    const ids: string[] = [];
    for (const [who, json] of [
      [reviewer, wishFor(recording)],
      [colleague, { ...wishFor(recording), minutes: 5 }],
      [privacy, { ...wishFor(recording), purpose: 'subject-request' }],
      [world.yunhai.reviewer, wishFor(far)],
    ] as const) {
      const reply = await post(who, '/v1/access-requests', 'same', json);
      expect(reply.headers.get('idempotency-replayed')).toBeNull();
      expect(reply.status).toBe(201);
      ids.push(((await reply.json()) as { id: string }).id);
    }
    expect(new Set(ids).size).toBe(4);
    const cancelled = await post(reviewer, `/v1/access-requests/${ids[0]}/cancel`, 'same');
    expect([cancelled.status, cancelled.headers.get('idempotency-replayed')]).toEqual([200, null]);
    expect(keys()).toHaveLength(5);
    // Another credential of the same principal counts as the same principal.
    const { secret } = await world.keyOf(world.harbour.tenant, reviewer.id);
    const again = await post({ ...reviewer, key: secret }, '/v1/access-requests', 'same', wishFor(recording));
    expect([again.headers.get('idempotency-replayed'), ((await again.json()) as { id: string }).id]).toEqual([
      'true',
      ids[0],
    ]);
  });

  it('is free again after a rejection, which had no effect', async () => {
    const { reviewer, supervisor } = world.harbour;
    const wish = { ...wishFor(recording), purpose: 'legal' };
    await expectProblem(await post(reviewer, '/v1/access-requests', 'k', wish), 403, 'access_refused');
    expect(keys()).toEqual([]);
    expect((await post(reviewer, '/v1/access-requests', 'k', wishFor(recording))).status).toBe(201);
    const id = await asked();
    world.sql.exec("create trigger jam before insert on audit_event begin select raise(abort, 'jam'); end");
    const approve = () => post(supervisor, `/v1/access-requests/${id}/approve`, 'k');
    await expectProblem(await approve(), 503, 'audit_unavailable');
    world.sql.exec('drop trigger jam');
    expect((await approve()).status).toBe(200);
  });

  it('is deleted after seven days, not before', async () => {
    const { uploader } = world.harbour;
    const body = { source: 'pbx', call_id: 'described' };
    const send = async () => (await post(uploader, '/v1/recordings', 'k', body)).headers.get('idempotency-replayed');
    expect(await send()).toBeNull();
    world.forward(7 * DAY - 60_000);
    expect(await forgetReplies(world.vault, request())).toBe(0);
    expect(await send()).toBe('true');
    world.forward(61_000);
    expect(await send()).toBeNull();
    expect(await send()).toBe('true');
    world.forward(7 * DAY + 1000);
    expect(await forgetReplies(world.vault, request())).toBe(1);
    expect(keys()).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['a space', 'a b'],
    ['two of them', 'a, b'],
    ['256 characters', 'a'.repeat(256)],
    ['quoted 256 characters', `"${'a'.repeat(256)}"`],
    ['an empty string', '""'],
    ['a string with a space', '"a b"'],
    ['a string that does not end', '"abc'],
    ['a string and more', '"a"b'],
    ['what is not ASCII', 'schlüssel'],
  ])('of %s is rejected and has no effect', async (_, key) => {
    const before = await all();
    const body = { source: 'pbx', call_id: 'described' };
    const { errors } = await expectProblem(
      await post(world.harbour.uploader, '/v1/recordings', key, body),
      400,
      'malformed',
    );
    expect(errors).toEqual([{ pointer: 'Idempotency-Key', detail: expect.any(String) }]);
    expect(await all()).toEqual(before);
  });

  it('in quotes is the text between them', () => {
    expect(parseIdempotencyKey(undefined)).toBeNull();
    expect(parseIdempotencyKey('8e03978e-40d5-43dd-bc93-6894a57f9324')).toBe('8e03978e-40d5-43dd-bc93-6894a57f9324');
    expect(parseIdempotencyKey('"8e03978e-40d5-43dd-bc93-6894a57f9324"')).toBe('8e03978e-40d5-43dd-bc93-6894a57f9324');
    expect(parseIdempotencyKey(String.raw`"a\"b\\c"`)).toBe(String.raw`a"b\c`);
    for (const key of ['!', '~'.repeat(255), "a'b"]) expect(parseIdempotencyKey(key)).toBe(key);
  });
});

describe('a process that is killed', () => {
  /** Neither a reply nor a release reaches the database: as after a crash between claim and change. */
  const kill = () => {
    for (const action of ['update', 'delete'])
      world.sql.exec(
        `create trigger kill_${action} before ${action} on idempotency begin select raise(abort, 'x'); end`,
      );
  };
  const restart = () => {
    for (const action of ['update', 'delete']) world.sql.exec(`drop trigger kill_${action}`);
  };

  it('leaves a claim that expires with its lease, and nothing of the change', async () => {
    const { reviewer } = world.harbour;
    const grant = await world.grant(world.harbour, recording);
    const open = () => post(reviewer, `/v1/grants/${grant}/sessions`, 'k');
    kill();
    expect((await open()).status).toBe(409);
    restart();
    expect(keys()).toHaveLength(1);
    expect(world.sql.prepare('select count(*) from session').pluck().get()).toBe(0);
    const waiting = await open();
    expect(waiting.headers.get('retry-after')).toBe('2');
    await expectProblem(waiting, 409, 'idempotency_in_progress');
    world.forward(61_000);
    const opened = await open();
    expect([opened.status, opened.headers.get('idempotency-replayed')]).toEqual([201, null]);
    expect(world.sql.prepare('select uses - uses_left from access_grant').pluck().get()).toBe(1);
  });

  it('leaves a claim that background work deletes', async () => {
    kill();
    await post(world.harbour.uploader, '/v1/recordings', 'k', { source: 'pbx', call_id: 'described' });
    restart();
    expect(await forgetReplies(world.vault, request())).toBe(0);
    world.forward(61_000);
    expect(await forgetReplies(world.vault, request())).toBe(1);
  });

  it('or is only slow: it finds that its claim was taken over, and changes nothing', async () => {
    const { harbour, vault } = world;
    const { reviewer } = harbour;
    const keyed = { route: 'POST /v1/slow', key: 'k', meaning: null };
    const by = { tenant: harbour.tenant, principal: reviewer.id, kind: 'person', roles: ['reviewer'] } as const;
    const caller = { ...by, scopes: [], auth: 'api-key', humans: [] } as const;
    const changed: string[] = [];
    const change = (name: string, claim: Reply['claim'] | undefined) =>
      vault.db.change(async (tx) => {
        await tx.recordings.index(harbour.tenant, recording, [{ label: 'agent', value: Buffer.from(name) }]);
        const actor = { type: 'person', id: reviewer.id, auth: 'api-key' } as const;
        const object = { type: 'recording', id: recording };
        const made = { log: harbour.tenant, id: `evt_${name}`, actor, action: 'recording.read', object } as const;
        if (claim === undefined) throw new Error('no claim');
        changed.push(name);
        return { result: name, events: [made], reply: { claim, outcome: 'done', ids: [recording] } };
      }, request());
    const again = async () => ({ result: 'again', receipts: [] });
    const slow = runIdempotent(vault, caller, keyed, request(), {
      first: async ({ claim }) => {
        world.forward(61_000);
        const other = await runIdempotent(vault, caller, keyed, request(), {
          first: (inner) => change('fast', inner.claim),
          again,
        });
        expect(other).toMatchObject({ replayed: false, result: { result: 'fast' } });
        return change('slow', claim);
      },
      again,
    });
    await expect(slow).rejects.toMatchObject({ code: 'idempotency_in_progress' });
    expect(changed).toEqual(['fast', 'slow']);
    const kept = world.sql.prepare("select value from blind_index where label = 'agent'").pluck().all();
    expect(kept).toEqual([Buffer.from('fast')]);
    // The slow process's release does not delete the reply.
    expect(keys()).toMatchObject([{ outcome: 'done', ids: recording }]);
  });
});
