// Training that the policy requires: denied at the request and at each session, explained before, recorded by two.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Policy } from '../../src/model/policy.ts';
import { type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wavOf } from '../support/vault.ts';
import { sharedWorld } from '../support/worlds.ts';

const DAY_MS = 86_400_000;
type Reply = { status: number; body: Record<string, unknown> };
type Checks = { check: string; ok: boolean | null; code?: string; detail?: string }[];

describe.each(ENGINES)('on $engine, training $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let [privacy, admin]: SteppingUp[] = [];
  let recording = '';
  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    recording = await world.deposited(harbour, 'call-1', wavOf(4_000));
  }, 300_000);

  const read = async (reply: Response): Promise<Reply> => ({
    status: reply.status,
    body: (await reply.json()) as Record<string, unknown>,
  });
  const call = async (who: SteppingUp | undefined, method: string, path: string, json?: unknown): Promise<Reply> =>
    read((await who?.browser.call(method, path, json === undefined ? {} : { json })) ?? Response.error());
  const byReviewer = async (method: string, path: string, json?: unknown): Promise<Reply> =>
    read(await world.call(method, path, { key: world.harbour.reviewer.key, ...(json === undefined ? {} : { json }) }));
  const applied = async (proposer: SteppingUp | undefined, approver: SteppingUp | undefined, change: object) => {
    const { body } = await call(proposer, 'POST', '/v1/changes', { note: 'training', ...change });
    expect(await call(approver, 'POST', `/v1/changes/${String(body['id'])}/approve`)).toMatchObject({ status: 200 });
  };
  const train = (day: string | null) => {
    const people = [{ id: world.harbour.reviewer.id, trained_until: day }];
    return applied(admin, privacy, { kind: 'people', people });
  };
  const dayAfter = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
  const ask = (): Promise<Reply> =>
    byReviewer('POST', '/v1/access-requests', { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 });
  const failed = ({ body }: Reply) => {
    const one = (body['checks'] as Checks).find(({ ok }) => ok === false);
    return one === undefined ? undefined : [one.check, one.code];
  };
  const access = async () => byReviewer('GET', `/v1/recordings/${recording}/access?purpose=quality`);
  const listed = async () => {
    const { body } = await byReviewer('GET', '/v1/recordings');
    return (body['data'] as { access: { state: string; code: string | null } }[])[0]?.access;
  };
  const require = async (only: boolean): Promise<void> => {
    const { body } = await call(privacy, 'GET', '/v1/policies');
    const [{ id: base } = { id: '' }] = body['data'] as { id: string }[];
    const { policy } = (await call(privacy, 'GET', `/v1/policies/${base}`)).body as unknown as { policy: Policy };
    const rules = Object.entries(policy.purposes).filter(([purpose]) => !only || purpose === 'quality');
    const purposes = Object.fromEntries(rules.map(([purpose, rule]) => [purpose, { ...rule, training: true }]));
    await applied(privacy, admin, { kind: 'policy', base, policy: { ...policy, purposes } });
  };

  it.runIf(present)('that is missing denies the request, and says so before', async () => {
    expect((await listed())?.state).toBe('ask');
    await require(true);
    expect(failed(await access())).toEqual(['trained', 'training_missing']);
    expect((await access()).body).toMatchObject({ allowed: false, next: 'none' });
    expect(await listed()).toMatchObject({ state: 'unavailable', code: 'training_missing' });
    const denied = await ask();
    expect([denied.status, denied.body['code'], failed(denied)]).toEqual([
      403,
      'access_refused',
      ['trained', 'training_missing'],
    ]);
  });

  it.runIf(present)('that counts allows it, and each session until it ends', async () => {
    await train(dayAfter(2));
    expect((await access()).body).toMatchObject({ next: 'ask' });
    const asked = await ask();
    expect(asked.status).toBe(201);
    const path = `/v1/access-requests/${String(asked.body['id'])}/approve`;
    const approved = await world.call('POST', path, { key: world.harbour.supervisor.key });
    const { grant } = (await approved.json()) as { grant: { id: string } };
    const open = () => byReviewer('POST', `/v1/grants/${grant.id}/sessions`);
    expect((await open()).status).toBe(201);
    // Removed, it denies the next session; what is open continues.
    await train(null);
    expect(failed(await open())).toEqual(['trained', 'training_missing']);
    await train(dayAfter(-3));
    const expired = await open();
    expect([expired.status, failed(expired)]).toEqual([403, ['trained', 'training_expired']]);
    expect((await listed())?.code).toBe('training_expired');
    await train(dayAfter(30));
    expect((await open()).status).toBe(201);
  });
});
