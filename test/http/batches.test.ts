// Assignments: a supervisor's passkey signs a list of calls, and each reviewer gets grants that wait for the first listen.
import { beforeAll, describe, expect, it } from 'vitest';
import type { Policy, PurposeRule } from '../../src/model/policy.ts';
import { askForOptions, assigned, makeAssignable, signedBatch } from '../support/batches.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { addTeam } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import type { World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Person = Awaited<ReturnType<World['person']>>;
type Code = { readonly check: string; readonly ok: boolean | null; readonly code?: string; readonly detail?: string };

const HOUR = 3_600_000;

describe.each(ENGINES)('on $engine, assignments $reason', ({ engine, present }) => {
  const world = sharedWorld({}, engine);
  let maker: SteppingUp;
  let [ann, ben]: Person[] = [];
  const calls: string[] = [];
  const due = (hours = 48): string => new Date(world.vault.clock.now() + hours * HOUR).toISOString();
  const reviewer = (person: Person | undefined): string => person?.id ?? '';
  const call = (at: number): string => calls[at] ?? '';
  let next = 0;
  /** A call without a grant. */
  const fresh = async (queue?: string): Promise<string> => {
    next += 1;
    const meta = queue === undefined ? {} : { 'vault-meta-queue': queue };
    return world.deposited(world.harbour, `fresh-${next}`, wav(4_000), meta);
  };
  const get = async (who: Person | undefined, path: string) => {
    const reply = await world.call('GET', path, { key: who?.key ?? '' });
    return { status: reply.status, body: (await reply.json()) as Record<string, never> };
  };
  const set = (more: Partial<Policy> = {}, rule: Partial<PurposeRule> = {}) =>
    makeAssignable(world, world.harbour.tenant, more, rule);
  const codesOf = async (reply: Response): Promise<string[]> => {
    const { checks } = await expectProblem(reply, 403, 'access_refused');
    return (checks as readonly Code[]).flatMap(({ code }) => code ?? []);
  };

  beforeAll(async () => {
    if (!present) return;
    const { harbour } = world;
    const { tenant } = harbour;
    maker = await withPasskey(world, tenant, (await world.person(tenant, ['supervisor'])).id);
    [ann, ben] = [await world.person(tenant, ['reviewer']), await world.person(tenant, ['reviewer'])];
    for (const name of ['one', 'two', 'three', 'four']) calls.push(await world.deposited(harbour, name, wav(4_000)));
    await set();
  }, 300_000);

  it.runIf(present)('give each reviewer grants that open a session, all under one proof', async () => {
    const grants = [
      { recording: call(0), reviewer: reviewer(ann) },
      { recording: call(1), reviewer: reviewer(ben) },
    ];
    const until = due();
    const batch = await assigned(maker, { grants, due: until });
    expect(batch).toEqual({
      ...{ id: expect.stringMatching(/^bat_/), state: 'open', purpose: 'quality', objects: ['audio'], due: until },
      created: expect.any(String),
      outcomes: grants.map((one) => ({
        ...one,
        grant: expect.stringMatching(/^grt_/),
        outcome: 'assigned',
        code: null,
      })),
    });
    const { grant } = batch.outcomes[0] ?? {};
    const { body } = await get(ann, `/v1/grants/${grant}`);
    expect(body).toMatchObject({
      ...{ request: null, batch: batch.id, recording: call(0), person: ann?.id, state: 'approved', purpose: 'quality' },
      ...{ opens_until: until, expires: until, started: null, minutes: 11, done: null },
    });
    const opened = await world.call('POST', `/v1/grants/${grant}/sessions`, { key: ann?.key ?? '' });
    expect(opened.status).toBe(201);
    expect((await get(ann, `/v1/grants/${grant}`)).body).toMatchObject({ started: expect.any(String) });
    const events = await eventsOf(world, world.harbour.tenant);
    const at = events.findLastIndex(({ action }) => action === 'proof.given');
    const [proof, first, second] = events.slice(at);
    expect(proof?.object).toMatchObject({ decisions: 2 });
    for (const [event, one] of [
      [first, grants[0]],
      [second, grants[1]],
    ] as const)
      expect(event).toMatchObject({
        action: 'access.assigned',
        object: {
          ...{ type: 'grant', recording: one?.recording, person: one?.reviewer, purpose: 'quality', objects: 'audio' },
          ...{ minutes: 11, opens_until: until, batch: batch.id, proof: proof?.object['id'] },
        },
      });
    expect(first?.object['id']).toBe(grant);
    const session = events.findLast(({ action }) => action === 'session.opened');
    expect(session?.object).toMatchObject({ grant, batch: batch.id });
    expect(session?.object).not.toHaveProperty('request');
  });

  it.runIf(present)('are split so that no reviewer gets a call twice: the passkey signs what was checked', async () => {
    const recording = await fresh();
    const both = [{ recording }, { recording, reviewer: reviewer(ann) }];
    const check = async (reviewers: readonly string[]) => {
      const json = { grants: both, reviewers, purpose: 'quality', due: due() };
      const reply = await maker.browser.call('POST', '/v1/batches/check', { json });
      expect(reply.status).toBe(200);
      return ((await reply.json()) as { grants: { reviewer: string | null }[] }).grants.map((one) => one.reviewer);
    };
    expect(await check([reviewer(ann)])).toEqual([null, reviewer(ann)]);
    const found = await check([reviewer(ann), reviewer(ben)]);
    expect(found).toEqual([reviewer(ben), reviewer(ann)]);
    const grants = found.map((who) => ({ recording, reviewer: who ?? '' }));
    expect((await askForOptions(maker, { grants, due: due() })).status).toBe(200);
  });

  it.runIf(present)(
    'are checked before the passkey: split evenly, with a code for each call and each rule',
    async () => {
      const json = {
        ...{ grants: [call(2), call(3)].map((recording) => ({ recording })), purpose: 'quality' },
        ...{ reviewers: [reviewer(ann), reviewer(ben)], due: due() },
      };
      const reply = await maker.browser.call('POST', '/v1/batches/check', { json });
      const body = (await reply.json()) as { grants: { reviewer: string; code: null }[]; checks: Code[] };
      expect(reply.status).toBe(200);
      expect(new Set(body.grants.map((one) => one.reviewer))).toEqual(new Set([ann?.id, ben?.id]));
      expect(body.grants.every(({ code }) => code === null)).toBe(true);
      expect(body.checks.map(({ check, ok }) => [check, ok])).toEqual(
        [
          ...[
            'assignable',
            'due',
            'calls-allowed',
            'your-queues',
            'reviewers-allowed',
            'training',
            'maker-no-reviewer',
          ],
          ...['daily-limits', 'clock'],
        ].map((name) => [name, true]),
      );
      const without = { grants: [{ recording: call(2) }], purpose: 'training' };
      const bare = await maker.browser.call('POST', '/v1/batches/check', { json: without });
      const { checks, grants } = (await bare.json()) as { grants: object[]; checks: Code[] };
      expect(checks.filter(({ ok }) => ok !== true)).toEqual([
        { check: 'assignable', ok: false, code: 'not_assignable' },
        { check: 'due', ok: null, code: '', detail: '31' },
        ...['calls-allowed', 'reviewers-allowed', 'maker-no-reviewer'].map((name) => ({
          check: name,
          ok: null,
          code: '',
        })),
        { check: 'daily-limits', ok: null, code: '', detail: '-, -' },
      ]);
      expect(grants).toEqual([{ recording: call(2), reviewer: null, minutes: null, code: null, instead_of: null }]);
    },
  );

  it.runIf(present)('are denied with the code of what is in the way', async () => {
    const options = (recording: string, person: string, more: object = {}) =>
      askForOptions(maker, { grants: [{ recording, reviewer: person }], due: due(), ...more });
    const one = await fresh();
    expect(await codesOf(await options(one, maker.id))).toEqual(['grants_to_you']);
    expect(await codesOf(await options(one, reviewer(ann), { purpose: 'training' }))).toEqual(['not_assignable']);
    expect(await codesOf(await options(one, reviewer(ann), { due: due(32 * 24) }))).toEqual(['due_out_of_range']);
    expect(await codesOf(await options(one, reviewer(ann), { due: due(-1) }))).toEqual(['due_out_of_range']);
    expect(await codesOf(await options(one, world.harbour.supervisor.id))).toEqual(['role_not_allowed']);
    expect(await codesOf(await options(call(0), reviewer(ann)))).toEqual(['already_granted']);
    await expectProblem(await options('rec_00000000000000000000000000', reviewer(ann)), 404, 'not_found');
    await expectProblem(await options(one, 'usr_00000000000000000000000000'), 404, 'not_found');
    const twice = [one, one].map((recording) => ({ recording, reviewer: reviewer(ann) }));
    await expectProblem(await askForOptions(maker, { grants: twice, due: due() }), 400, 'malformed');
    await set({ bulk: 1 });
    const two = [one, call(2)].map((recording) => ({ recording, reviewer: reviewer(ann) }));
    await expectProblem(await askForOptions(maker, { grants: two, due: due() }), 400, 'malformed');
    await set({ bulk: 50 });
    // Two approvals are more than one person's.
    await set({}, { approvals: 2 });
    expect(await codesOf(await options(one, reviewer(ann)))).toEqual(['more_approvals']);
    await set({}, { approvals: 1 });
  });

  it.runIf(present)('that cannot all be made say which, and make the others', async () => {
    const [one, two] = [await fresh(), await fresh()];
    const body = await signedBatch(maker, {
      grants: [one, two].map((recording) => ({ recording, reviewer: reviewer(ben) })),
      due: due(),
    });
    // Between options and proof another supervisor assigns one of them.
    const other = await withPasskey(
      world,
      world.harbour.tenant,
      (await world.person(world.harbour.tenant, ['supervisor'])).id,
    );
    await assigned(other, { grants: [{ recording: one, reviewer: reviewer(ben) }], due: due() });
    const reply = await maker.browser.call('POST', '/v1/batches', { json: body });
    expect(reply.status).toBe(201);
    const { outcomes } = (await reply.json()) as Awaited<ReturnType<typeof assigned>>;
    expect(outcomes.map(({ recording, outcome, code }) => [recording, outcome, code])).toEqual([
      [one, 'refused', 'already_granted'],
      [two, 'assigned', null],
    ]);
    const mine = await get(ben, '/v1/my-queue');
    expect(
      (mine.body['data'] as unknown as { recording: string }[]).filter(({ recording }) => recording === one),
    ).toHaveLength(1);
  });

  it.runIf(present)('are one effect with one key, also with another signature', async () => {
    const [one, until] = [await fresh(), due()];
    const grants = [{ recording: one, reviewer: reviewer(ann) }];
    const send = async () =>
      maker.browser.call('POST', '/v1/batches', {
        json: await signedBatch(maker, { grants, due: until }),
        headers: { 'idempotency-key': 'assign-once' },
      });
    const body = await signedBatch(maker, { grants, due: until });
    const headers = { 'idempotency-key': 'assign-once' };
    const first = await maker.browser.call('POST', '/v1/batches', { json: body, headers });
    const second = await maker.browser.call('POST', '/v1/batches', { json: body, headers });
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(await second.json()).toEqual(await first.json());
    expect(second.headers.get('vault-audit')).toBe(first.headers.get('vault-audit'));
    // The grant is live: options for it are no longer possible.
    await expect(send()).rejects.toThrow('already_granted');
  });

  it.runIf(present)('are a lead’s of the queue, once the tenant has teams', async () => {
    const { tenant } = world.harbour;
    const [sales, care] = [await fresh('Sales'), await fresh('Care')];
    const team = { members: [maker.id, reviewer(ann)], leads: [maker.id], queues: ['Sales'] };
    await addTeam(world.vault, tenant, team);
    const options = (recording: string, person: string) =>
      askForOptions(maker, { grants: [{ recording, reviewer: person }], due: due() });
    expect((await options(sales, reviewer(ann))).status).toBe(200);
    expect(await codesOf(await options(care, reviewer(ann)))).toEqual(['not_your_queue']);
    await set({ scope: 'team' });
    await expectProblem(await options(care, reviewer(ann)), 404, 'not_found');
    expect(await codesOf(await options(sales, reviewer(ben)))).toEqual(['outside_scope']);
    const listed = (await (await maker.browser.call('GET', '/v1/batches/reviewers')).json()) as {
      data: { id: string }[];
    };
    expect(listed.data.map(({ id }) => id)).toEqual([ann?.id]);
    await set({ scope: 'all' });
  });
});
