// Attacks on assignments: an altered list, a proof of before, a borrowed one, API keys, and rows written by SQL.
import { beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { deactivatePrincipal } from '../../src/vault/people/deactivate.ts';
import { assigned, makeAssignable, signedBatch } from '../support/batches.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { wav } from '../support/wav.ts';
import type { World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
let maker: SteppingUp;
let [ann, ben]: Awaited<ReturnType<World['person']>>[] = [];
let made = 0;
const due = (): string => new Date(world.vault.clock.now() + 86_400_000).toISOString();
const call = (): Promise<string> => {
  made += 1;
  return world.deposited(world.harbour, `attacked-${made}`, wav(2_000));
};
const supervisor = async (): Promise<SteppingUp> =>
  withPasskey(world, world.harbour.tenant, (await world.person(world.harbour.tenant, ['supervisor'])).id);
const body = async () =>
  signedBatch(maker, { grants: [{ recording: await call(), reviewer: ann?.id ?? '' }], due: due() });
const post = (json: object, who = maker) => who.browser.call('POST', '/v1/batches', { json });
const mismatch = async (reply: Response): Promise<void> => {
  const { checks } = await expectProblem(reply, 403, 'access_refused');
  expect(checks).toContainEqual({ check: 'proof', ok: false, code: 'proof_mismatch' });
};
const assignments = async () =>
  (await eventsOf(world, world.harbour.tenant)).filter(({ action }) => action === 'access.assigned').length;

beforeAll(async () => {
  const { tenant } = world.harbour;
  maker = await supervisor();
  [ann, ben] = [await world.person(tenant, ['reviewer']), await world.person(tenant, ['reviewer'])];
  await makeAssignable(world, tenant);
}, 300_000);

describe('a list', () => {
  it('counts exactly as it was signed', async () => {
    const before = await assignments();
    const signed = await body();
    const [grant] = signed.grants;
    const later = new Date(Date.parse(signed.due) + 60_000).toISOString();
    for (const altered of [
      { ...signed, grants: [{ ...grant, reviewer: ben?.id }] },
      { ...signed, grants: [{ ...grant, minutes: 60 }] },
      { ...signed, grants: [{ ...grant, recording: await call() }] },
      { ...signed, grants: [{ ...grant, id: `grt_${'0'.repeat(26)}` }] },
      { ...signed, grants: [grant, { ...grant, reviewer: ben?.id }] },
      { ...signed, objects: ['audio', 'transcript'] },
      { ...signed, purpose: 'complaint' },
      { ...signed, due: later },
    ])
      await mismatch(await post(altered));
    expect(await assignments()).toBe(before);
    expect((await post(signed)).status).toBe(201);
  });

  it('ends no other grant than it was signed to', async () => {
    const recording = await call();
    const first = await assigned(maker, { grants: [{ recording, reviewer: ann?.id ?? '' }], due: due() });
    const [old, before] = [first.outcomes[0]?.grant ?? '', await assignments()];
    const stateOf = () =>
      (world.sql.prepare('select state from access_grant where id = ?').get(old) as { state: string }).state;
    const signed = await signedBatch(maker, { grants: [{ recording, reviewer: ben?.id ?? '' }], due: due() });
    await mismatch(await post({ ...signed, grants: signed.grants.map((one) => ({ ...one, instead_of: old })) }));
    expect([stateOf(), await assignments()]).toEqual(['APPROVED', before]);
    const instead = { recording, reviewer: ben?.id ?? '', instead_of: old };
    const replacing = await signedBatch(maker, { grants: [instead], due: due() });
    const kept = replacing.grants.map(({ instead_of: _, ...one }) => one);
    await mismatch(await post({ ...replacing, grants: kept }));
    expect([stateOf(), await assignments()]).toEqual(['APPROVED', before]);
    expect((await post(await signedBatch(maker, { grants: [instead], due: due() }))).status).toBe(201);
    expect(stateOf()).toBe('REVOKED');
  });

  it('is denied where the policy gives other minutes than were signed', async () => {
    const { tenant } = world.harbour;
    const signed = await body();
    await makeAssignable(world, tenant, {}, { longestMinutes: 5 });
    expect(signed.grants[0]?.minutes).toBeGreaterThan(5);
    await mismatch(await post(signed));
    await makeAssignable(world, tenant, {}, { longestMinutes: 60 });
  });

  it('counts once, within five minutes, and for its maker', async () => {
    const signed = await body();
    expect((await post(signed)).status).toBe(201);
    await mismatch(await post(signed));
    const other = await supervisor();
    await mismatch(await post(await body(), other));
    const late = await body();
    world.forward(6 * 60_000);
    await mismatch(await post(late));
    await mismatch(await world.call('POST', '/v1/batches', { key: world.harbour.supervisor.key, json: await body() }));
  });
});

describe('a row by SQL', () => {
  it('gives nothing: a grant of a batch without its MAC, copied, or edited', async () => {
    const batch = await assigned(maker, { grants: [{ recording: await call(), reviewer: ann?.id ?? '' }], due: due() });
    const grant = batch.outcomes[0]?.grant ?? '';
    const columns = (
      world.sql.prepare('select name from pragma_table_info(?)').all('access_grant') as { name: string }[]
    )
      .map(({ name }) => name)
      .filter((name) => name !== 'id' && name !== 'person');
    const forged = `grt_${'1'.repeat(26)}`;
    world.sql
      .prepare(
        `insert into access_grant (id, person, ${columns.join(', ')}) select ?, ?, ${columns.join(', ')} from access_grant where id = ?`,
      )
      .run(forged, ben?.id, grant);
    const open = await world.call('POST', `/v1/grants/${forged}/sessions`, { key: ben?.key ?? '' });
    expect(open.status).toBe(500);
    expect((await world.call('GET', '/v1/my-queue', { key: ben?.key ?? '' })).status).toBe(500);
    world.sql.prepare('delete from access_grant where id = ?').run(forged);
    // A batch that was done, opened again.
    expect(
      (await world.call('POST', `/v1/grants/${grant}/return`, { key: ann?.key ?? '', json: { reason: 'no time' } }))
        .status,
    ).toBe(200);
    world.sql.prepare("update access_grant set state = 'APPROVED' where id = ?").run(grant);
    expect((await world.call('POST', `/v1/grants/${grant}/sessions`, { key: ann?.key ?? '' })).status).toBe(500);
    world.sql.prepare("update access_grant set state = 'RETURNED' where id = ?").run(grant);
    world.sql.prepare("update batch set state = 'OPEN', maker = ? where id = ?").run(ben?.id, batch.id);
    expect((await world.call('GET', `/v1/batches/${batch.id}`, { key: world.harbour.supervisor.key })).status).toBe(
      500,
    );
  });
});

describe('an assignment', () => {
  it('loses nothing of a concurrent deactivation: every grant is revoked, or none was made', async () => {
    for (let round = 0; round < 3; round += 1) {
      const leaver = await world.person(world.harbour.tenant, ['reviewer']);
      const grants = [{ recording: await call(), reviewer: leaver.id }];
      const signed = await signedBatch(maker, { grants, due: due() });
      const off = deactivatePrincipal(world.vault, operatorActor('op-1'), world.harbour.tenant, leaver.id, {
        signal: AbortSignal.timeout(60_000),
      });
      await Promise.all([post(signed), off]);
      const left = world.sql
        .prepare("select count(*) as n from access_grant where person = ? and state in ('APPROVED', 'CONSUMED')")
        .get(leaver.id) as { n: number };
      expect(left.n).toBe(0);
    }
  });
});
