// Batches whose calls belong to queues of several leads: each lead sees and withdraws the calls of their own queues.
import { beforeAll, describe, expect, it } from 'vitest';
import { expireAccess } from '../../src/vault/listening/expire-access.ts';
import { assigned, makeAssignable } from '../support/batches.ts';
import { type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { addTeam } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import type { KeyHolder } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const HOUR = 3_600_000;

type Batch = {
  readonly state: string;
  readonly totals: { readonly total: number };
  readonly reviewers: readonly { readonly id: string; readonly total: number }[];
};
type OneBatch = Batch & { readonly grants: readonly { readonly recording: string }[] };

describe.each(ENGINES)('on $engine, a batch of several queues $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let maker: SteppingUp;
  let [lead, ann, ben]: KeyHolder[] = [];
  let [sales, care] = ['', ''];
  const idOf = (person: KeyHolder | undefined): string => person?.id ?? '';
  const make = () => {
    const grants = [
      { recording: sales, reviewer: idOf(ann) },
      { recording: care, reviewer: idOf(ben) },
    ];
    return assigned(maker, { grants, due: new Date(world.vault.clock.now() + 48 * HOUR).toISOString() });
  };
  const asLead = async <T>(method: string, path: string): Promise<T> => {
    const reply = await world.call(method, path, { key: lead?.key ?? '' });
    expect(reply.status, path).toBe(200);
    return (await reply.json()) as T;
  };

  const asMaker = async (id: string): Promise<OneBatch> => {
    const reply = await maker.browser.call('GET', `/v1/batches/${id}`);
    expect(reply.status).toBe(200);
    return (await reply.json()) as OneBatch;
  };

  beforeAll(async () => {
    if (!present) return;
    const { tenant } = world.harbour;
    maker = await withPasskey(world, tenant, (await world.person(tenant, ['supervisor'])).id);
    lead = await world.person(tenant, ['supervisor']);
    [ann, ben] = [await world.person(tenant, ['reviewer']), await world.person(tenant, ['reviewer'])];
    const queued = (queue: string) =>
      world.deposited(world.harbour, queue, wav(4_000), { 'vault-meta-queue': queue, 'vault-meta-agent': queue });
    [sales, care] = [await queued('Sales'), await queued('Care')];
    const leads = [maker.id, idOf(lead)];
    await addTeam(world.vault, tenant, { members: [...leads, idOf(ann)], leads, queues: ['Sales'] });
    await addTeam(world.vault, tenant, { members: [maker.id, idOf(ben)], leads: [maker.id], queues: ['Care'] });
    await makeAssignable(world, tenant, { scope: 'team' });
  }, 300_000);

  it.runIf(present)(
    'shows a lead of one queue its calls alone, in counts too, and lets them withdraw these',
    async () => {
      const { id, outcomes } = await make();
      const one = await asLead<OneBatch>('GET', `/v1/batches/${id}`);
      expect(one.grants.map(({ recording }) => recording)).toEqual([sales]);
      expect(JSON.stringify(one)).not.toMatch(new RegExp(`${care}|${idOf(ben)}|Care`));
      const listed = await asLead<{ readonly data: readonly Batch[] }>('GET', '/v1/batches');
      expect(listed.data.map(({ totals, reviewers }) => [totals.total, reviewers.map((who) => who.id)])).toEqual([
        [1, [ann?.id]],
      ]);
      const withdrawn = await asLead<{ readonly state: string; readonly data: readonly { readonly id: string }[] }>(
        'POST',
        `/v1/batches/${id}/withdraw`,
      );
      const [first, second] = [sales, care].map((call) => outcomes.find(({ recording }) => recording === call));
      expect([withdrawn.state, withdrawn.data.map((one) => one.id)]).toEqual(['open', [first?.grant]]);
      const left = await world.call('GET', `/v1/grants/${second?.grant}`, { key: ben?.key ?? '' });
      expect(await left.json()).toMatchObject({ state: 'approved' });
      const whole = await asMaker(id);
      expect([whole.state, whole.grants.map(({ recording }) => recording).sort()]).toEqual([
        'open',
        [sales, care].sort(),
      ]);
      const rest = await maker.browser.call('POST', `/v1/batches/${id}/withdraw`);
      expect(await rest.json()).toMatchObject({ state: 'withdrawn', data: [{ id: second?.grant }] });
    },
  );

  it.runIf(present)('does not say to a lead of one queue which grants another queue has', async () => {
    const { id, outcomes } = await make();
    const foreign = outcomes.find(({ recording }) => recording === care)?.grant;
    for (const instead_of of [foreign, `grt_${'0'.repeat(26)}`]) {
      const json = { grants: [{ recording: sales, reviewer: idOf(ann), instead_of }], purpose: 'quality' };
      const reply = await world.call('POST', '/v1/batches/check', { key: lead?.key ?? '', json });
      expect(await expectProblem(reply, 404, 'not_found')).toMatchObject({ detail: 'there is no such assigned grant' });
    }
    await maker.browser.call('POST', `/v1/batches/${id}/withdraw`);
  });

  it.runIf(present)('stays open for work of another queue that was begun and whose clock ended', async () => {
    const { id, outcomes } = await make();
    const grant = outcomes.find(({ recording }) => recording === care)?.grant;
    const opened = await world.call('POST', `/v1/grants/${grant}/sessions`, { key: ben?.key ?? '' });
    expect(opened.status).toBe(201);
    world.forward(HOUR / 3);
    await expireAccess(world.vault, { signal: AbortSignal.timeout(60_000) });
    expect(await asLead('POST', `/v1/batches/${id}/withdraw`)).toMatchObject({ state: 'open', data: [{}] });
    expect(await asMaker(id)).toMatchObject({ state: 'open', totals: { open: 1 } });
    const done = await world.call('POST', `/v1/grants/${grant}/done`, { key: ben?.key ?? '' });
    expect(done.status).toBe(200);
    expect(await asMaker(id)).toMatchObject({ state: 'closed', totals: { done: 1 } });
  });

  it.runIf(present)('ends where a lead withdraws the last of its calls', async () => {
    const { id, outcomes } = await make();
    const grant = outcomes.find(({ recording }) => recording === care)?.grant;
    const returned = await world.call('POST', `/v1/grants/${grant}/return`, {
      key: ben?.key ?? '',
      json: { reason: 'I know the caller' },
    });
    expect(returned.status).toBe(200);
    expect(await asLead('POST', `/v1/batches/${id}/withdraw`)).toMatchObject({ state: 'withdrawn' });
  });
});
