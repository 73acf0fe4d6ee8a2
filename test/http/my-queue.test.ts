// A reviewer's queue: what is assigned, finished and returned; and what makers withdraw, reassign and see of it.
// Long because each state of the work has a case.
import { beforeAll, describe, expect, it } from 'vitest';
import { closeBatches } from '../../src/vault/assignments/close-batches.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { expireAccess } from '../../src/vault/listening/expire-access.ts';
import { deactivatePrincipal } from '../../src/vault/people/deactivate.ts';
import { assigned, type MadeBatch, makeAssignable } from '../support/batches.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import type { World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Person = Awaited<ReturnType<World['person']>>;
type Item = {
  readonly id: string;
  readonly recording: string;
  readonly batch: { readonly id: string; readonly reason: string | null; readonly maker: { readonly id: string } };
  readonly work: { readonly state: string; readonly at: string | null; readonly reason: string | null };
};
type Queue = {
  readonly data: readonly Item[];
  readonly next_cursor: string | null;
  readonly totals: Readonly<Record<string, unknown>>;
  readonly today: { readonly sessions: { readonly used: number; readonly limit: number | null } };
};

const HOUR = 3_600_000;
const wait = { signal: AbortSignal.timeout(600_000) };

describe.each(ENGINES)('on $engine, a queue of assigned calls $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let maker: SteppingUp;
  let boss: Person;
  let made = 0;
  const due = (hours = 48): string => new Date(world.vault.clock.now() + hours * HOUR).toISOString();
  const reviewer = (): Promise<Person> => world.person(world.harbour.tenant, ['reviewer']);
  const calls = async (count: number): Promise<string[]> => {
    const all: string[] = [];
    for (let n = 0; n < count; n += 1) {
      made += 1;
      all.push(await world.deposited(world.harbour, `queued-${made}`, wav(4_000)));
    }
    return all;
  };
  const give = async (who: Person, count: number, hours = 48): Promise<MadeBatch> => {
    const grants = (await calls(count)).map((recording) => ({ recording, reviewer: who.id }));
    return assigned(maker, { grants, due: due(hours) });
  };
  const queue = async (who: Person, query = ''): Promise<Queue> =>
    (await (await world.call('GET', `/v1/my-queue${query}`, { key: who.key })).json()) as Queue;
  const post = (who: Person, path: string, json?: object) =>
    world.call('POST', path, { key: who.key, ...(json === undefined ? {} : { json }) });
  const listen = async (who: Person, grant: string): Promise<string> => {
    const reply = await post(who, `/v1/grants/${grant}/sessions`);
    expect(reply.status).toBe(201);
    return ((await reply.json()) as { id: string }).id;
  };
  const batchOf = async (id: string) => {
    const reply = await world.call('GET', `/v1/batches/${id}`, { key: boss.key });
    expect(reply.status).toBe(200);
    return (await reply.json()) as {
      state: string;
      totals: Record<string, number>;
      reviewers: { id: string; minutes: number }[];
      grants: Item[];
    };
  };
  const grantsOf = ({ outcomes }: MadeBatch): string[] => outcomes.map(({ grant }) => grant);

  beforeAll(async () => {
    if (!present) return;
    const { tenant } = world.harbour;
    boss = await world.person(tenant, ['supervisor']);
    maker = await withPasskey(world, tenant, boss.id);
    await makeAssignable(world, tenant, { perDay: { sessions: 40, minutes: 180 } });
  }, 300_000);

  it.runIf(present)('has what is due first, in pages, with who assigned it and why', async () => {
    const ann = await reviewer();
    const later = await give(ann, 2, 72);
    const soon = await give(ann, 1, 24);
    const order = [...grantsOf(soon), ...grantsOf(later)];
    const all = await queue(ann);
    expect(all.data.map(({ id }) => id)).toEqual(order);
    expect(all.data[0]).toMatchObject({
      ...{ request: null, recording_facts: { duration_ms: expect.any(Number) }, person: ann.id },
      batch: { id: soon.id, reason: 'new renewal script', maker: { id: maker.id } },
      work: { state: 'open', at: null, reason: null },
    });
    expect(all.totals).toMatchObject({ total: 3, open: 3, done: 0, returned: 0, expired: 0 });
    expect(all.today).toEqual({ sessions: { used: 0, limit: 40 }, minutes: { used: 0, limit: 180 } });
    const first = await queue(ann, '?limit=2');
    const rest = await queue(ann, `?limit=2&cursor=${first.next_cursor}`);
    expect([...first.data, ...rest.data].map(({ id }) => id)).toEqual(order);
    expect(rest.next_cursor).toBeNull();
    // No other reviewer's.
    expect((await queue(await reviewer())).data).toEqual([]);
    const row = await world.call('GET', `/v1/recordings?limit=200`, { key: ann.key });
    const rows = ((await row.json()) as { data: { id: string; access: object }[] }).data;
    expect(rows.find(({ id }) => id === all.data[0]?.recording)?.access).toMatchObject({
      ...{ state: 'listen', purpose: 'quality', request: null, grant: order[0], decided_by: { id: maker.id } },
    });
    const why = await world.call('GET', `/v1/recordings/${all.data[0]?.recording}/access?purpose=quality`, {
      key: ann.key,
    });
    expect(await why.json()).toMatchObject({ allowed: true, next: 'listen', batch: soon.id, grant: order[0] });
  });

  it.runIf(present)('is apart from live grants with queued=false, until a call is started', async () => {
    const ann = await reviewer();
    const asked = await world.grant(
      { ...world.harbour, reviewer: ann },
      await world.deposited(world.harbour, 'asked-before', wav(2_000)),
    );
    const batch = await give(ann, 2);
    const [one = '', two = ''] = grantsOf(batch);
    const live = async (query: string): Promise<string[]> => {
      const reply = await world.call('GET', `/v1/grants?state=live&${query}`, { key: ann.key });
      return ((await reply.json()) as { data: { id: string }[] }).data.map(({ id }) => id).sort();
    };
    expect(await live('limit=200')).toEqual([asked, one, two].sort());
    // Newer assigned calls do not fill its page.
    expect(await live('queued=false&limit=1')).toEqual([asked]);
    expect(await live('queued=true')).toEqual([one, two].sort());
    await listen(ann, one);
    expect(await live('queued=false')).toEqual([asked, one].sort());
    expect(await live('queued=true')).toEqual([two]);
    const recording = (await queue(ann)).data.find(({ id }) => id === two)?.recording;
    expect(await live(`recording=${recording}`)).toEqual([two]);
    await expectProblem(await world.call('GET', '/v1/grants?recording=rec_1', { key: ann.key }), 400, 'malformed');
  });

  it.runIf(present)('is finished call by call, which ends the sessions and at last the batch', async () => {
    const ann = await reviewer();
    const batch = await give(ann, 2);
    const [one = '', two = ''] = grantsOf(batch);
    const early = await expectProblem(await post(ann, `/v1/grants/${one}/done`), 403, 'access_refused');
    expect(early.checks).toEqual([{ check: 'clock-started', ok: false, code: 'not_started' }]);
    const session = await listen(ann, one);
    expect((await queue(ann)).data[0]?.work.state).toBe('started');
    const again = { key: ann.key, headers: { 'idempotency-key': 'once' } };
    for (const replayed of [null, 'true']) {
      const done = await world.call('POST', `/v1/grants/${one}/done`, again);
      expect([done.status, await done.json()]).toEqual([200, { id: one, state: 'done' }]);
      expect(done.headers.get('idempotency-replayed')).toBe(replayed);
    }
    expect(await (await world.call('GET', `/v1/sessions/${session}`, { key: ann.key })).json()).toMatchObject({
      state: 'ended',
    });
    await expectProblem(await post(ann, `/v1/grants/${one}/done`), 409, 'conflict');
    await expectProblem(await post(ann, `/v1/grants/${one}/sessions`), 403, 'access_refused');
    expect((await batchOf(batch.id)).state).toBe('open');
    const back = await post(ann, `/v1/grants/${two}/return`, { reason: 'I know the customer' });
    expect([back.status, await back.json()]).toEqual([200, { id: two, state: 'returned' }]);
    const seen = await batchOf(batch.id);
    expect(seen).toMatchObject({ state: 'closed', totals: { total: 2, done: 1, returned: 1, expired: 0, open: 0 } });
    expect(seen.grants.find(({ id }) => id === two)?.work).toMatchObject({
      state: 'returned',
      reason: 'I know the customer',
    });
    expect((await queue(ann)).data).toEqual([]);
    expect((await queue(ann, '?state=finished')).data.map(({ id }) => id)).toEqual([two, one]);
    const last = (await eventsOf(world, world.harbour.tenant)).slice(-2);
    expect(last.map(({ action }) => action)).toEqual(['grant.returned', 'batch.closed']);
    expect(JSON.stringify(last)).not.toContain('customer');
  });

  it.runIf(present)('is its reviewer’s alone', async () => {
    const [ann, ben] = [await reviewer(), await reviewer()];
    const [grant = ''] = grantsOf(await give(ann, 1));
    for (const path of ['done', 'return'])
      await expectProblem(
        await post(ben, `/v1/grants/${grant}/${path}`, path === 'done' ? undefined : { reason: 'not mine' }),
        404,
        'not_found',
      );
    // Not assigned: a grant of a request.
    const asked = await world.grant(world.harbour, (await calls(1))[0] ?? '');
    await expectProblem(
      await post(world.harbour.reviewer, `/v1/grants/${asked}/return`, { reason: 'done' }),
      404,
      'not_found',
    );
  });

  it.runIf(present)('loses what is withdrawn: one reviewer’s, then all', async () => {
    const [ann, ben] = [await reviewer(), await reviewer()];
    const [one = '', two = ''] = await calls(2);
    const grants = [
      { recording: one, reviewer: ann.id },
      { recording: two, reviewer: ben.id },
    ];
    const batch = await assigned(maker, { grants, due: due() });
    const session = await listen(ann, batch.outcomes.find(({ reviewer: id }) => id === ann.id)?.grant ?? '');
    const path = `/v1/batches/${batch.id}/withdraw`;
    const part = await maker.browser.call('POST', path, { json: { person: ann.id, reason: 'on leave' } });
    expect([part.status, await part.json()]).toMatchObject([
      200,
      { id: batch.id, state: 'open', data: [{ state: 'revoked' }] },
    ]);
    expect(await (await world.call('GET', `/v1/sessions/${session}`, { key: ann.key })).json()).toMatchObject({
      state: 'ended',
    });
    await expectProblem(await maker.browser.call('POST', path, { json: { person: ann.id } }), 409, 'conflict');
    expect((await queue(ben)).data).toHaveLength(1);
    // Anyone who decides there withdraws, without a proof.
    const all = await world.call('POST', path, { key: world.harbour.supervisor.key });
    expect([all.status, await all.json()]).toMatchObject([200, { state: 'withdrawn', data: [{ state: 'revoked' }] }]);
    expect((await queue(ben)).data).toEqual([]);
    await expectProblem(await maker.browser.call('POST', path), 409, 'conflict');
    expect(await batchOf(batch.id)).toMatchObject({ state: 'withdrawn', totals: { total: 0 } });
  });

  it.runIf(present)('loses what is withdrawn after its clock ended: it cannot be finished any more', async () => {
    const ann = await reviewer();
    const batch = await give(ann, 1);
    const [grant = ''] = grantsOf(batch);
    await listen(ann, grant);
    world.forward(HOUR / 3);
    await expireAccess(world.vault, wait);
    expect((await queue(ann)).data[0]?.work.state).toBe('started');
    const withdrawn = await post(boss, `/v1/batches/${batch.id}/withdraw`);
    expect(await withdrawn.json()).toMatchObject({ state: 'withdrawn', data: [{ id: grant, state: 'revoked' }] });
    expect((await queue(ann)).data).toEqual([]);
    await expectProblem(await post(ann, `/v1/grants/${grant}/done`), 409, 'conflict');
    expect(await batchOf(batch.id)).toMatchObject({ state: 'withdrawn', totals: { total: 0 } });
  });

  it.runIf(present)('passes to another reviewer under a new proof; the old grants end', async () => {
    const [ann, ben] = [await reviewer(), await reviewer()];
    const old = await give(ann, 2);
    const [one, two] = old.outcomes;
    await post(ann, `/v1/grants/${one?.grant}/return`, { reason: 'I know the customer' });
    const grants = [one, two].map((each) => ({
      ...{ recording: each?.recording ?? '', reviewer: ben.id, instead_of: each?.grant ?? '' },
    }));
    const fresh = await assigned(maker, { grants, due: due() });
    expect(fresh.outcomes.map(({ outcome }) => outcome)).toEqual(['assigned', 'assigned']);
    expect((await queue(ann)).data).toEqual([]);
    expect((await queue(ben)).data).toHaveLength(2);
    await closeBatches(world.vault, wait);
    expect(await batchOf(old.id)).toMatchObject({ state: 'closed', totals: { total: 0 } });
    const revoked = (await eventsOf(world, world.harbour.tenant)).filter(
      ({ object }) => object['why'] === 'reassigned',
    );
    expect(revoked.map(({ object }) => object['id']).sort()).toEqual(grantsOf(old).sort());
    await expect(assigned(maker, { grants, due: due() })).rejects.toThrow('already_granted');
  });

  it.runIf(present)('ends with its reviewer’s account', async () => {
    const ann = await reviewer();
    const batch = await give(ann, 2);
    await deactivatePrincipal(world.vault, operatorActor('op-1'), world.harbour.tenant, ann.id, wait);
    await closeBatches(world.vault, wait);
    expect(await batchOf(batch.id)).toMatchObject({ state: 'closed', totals: { total: 0 } });
    const events = (await eventsOf(world, world.harbour.tenant)).filter(({ object }) => object['why'] === 'person-off');
    expect(events.map(({ object }) => object['id']).sort()).toEqual(grantsOf(batch).sort());
    await expect(give(ann, 1)).rejects.toThrow('person_off');
  });

  it.runIf(present)(
    'ends with its recording, also once its clock ended: no reason is written after the erasure',
    async () => {
      const ann = await reviewer();
      const batch = await give(ann, 1);
      const [{ grant, recording } = { grant: '', recording: '' }] = batch.outcomes;
      await listen(ann, grant);
      world.forward(HOUR / 3);
      await expireAccess(world.vault, wait);
      const erasure = { tenant: world.harbour.tenant, recording, reason: 'request' } as const;
      await eraseRecording(world.vault, operatorActor('op-1'), erasure, wait);
      expect((await queue(ann)).data).toEqual([]);
      await expectProblem(
        await post(ann, `/v1/grants/${grant}/return`, { reason: 'I know the customer' }),
        409,
        'conflict',
      );
      const erased = (await eventsOf(world, world.harbour.tenant)).filter(({ object }) => object['why'] === 'erased');
      expect(erased.map(({ action, object }) => [action, object['id']])).toEqual([['grant.revoked', grant]]);
      await closeBatches(world.vault, wait);
      expect(await batchOf(batch.id)).toMatchObject({ state: 'closed', totals: { total: 0 } });
    },
  );

  it.runIf(present)('is another tenant’s secret', async () => {
    const batch = await give(await reviewer(), 1);
    const stranger = world.yunhai.supervisor;
    for (const [method, path] of [
      ['GET', `/v1/batches/${batch.id}`],
      ['POST', `/v1/batches/${batch.id}/withdraw`],
      ['POST', `/v1/grants/${grantsOf(batch)[0]}/done`],
    ] as const)
      await expectProblem(await world.call(method, path, { key: stranger.key }), 404, 'not_found');
  });

  it.runIf(present)('can be finished after the clock, until it is due; what was not begun expires', async () => {
    const ann = await reviewer();
    const batch = await give(ann, 3, 24);
    const [one = '', two = ''] = grantsOf(batch);
    await listen(ann, one);
    await listen(ann, two);
    world.forward(2 * HOUR);
    await expireAccess(world.vault, wait);
    await expectProblem(await post(ann, `/v1/grants/${one}/sessions`), 403, 'access_refused');
    expect((await post(ann, `/v1/grants/${one}/done`)).status).toBe(200);
    expect((await queue(ann)).totals).toMatchObject({ total: 3, done: 1, open: 2 });
    world.forward(23 * HOUR);
    await expectProblem(await post(ann, `/v1/grants/${two}/done`), 409, 'conflict');
    await expireAccess(world.vault, wait);
    await closeBatches(world.vault, wait);
    expect(await batchOf(batch.id)).toMatchObject({
      state: 'closed',
      totals: { total: 3, done: 1, expired: 2, open: 0 },
    });
  });
});
