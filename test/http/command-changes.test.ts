// Dangerous commands: a change that another person approves, and then the command acts on it, exactly once.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CarriedOut, CarryOutOptions } from '../../src/vault/changes/carry-out.ts';
import { expireChanges } from '../../src/vault/changes/expire.ts';
import { readOutcome } from '../../src/vault/changes/outcome.ts';
import { addServiceByCommand } from '../../src/vault/commands/add-service.ts';
import { createApiKeyByCommand } from '../../src/vault/commands/create-api-key.ts';
import { createLinkByCommand } from '../../src/vault/commands/create-link.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { effectsInLog, eventsOf, type SteppingUp, signChange, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { outcomeOf } from '../support/rebuilt-tenant.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
const night = operatorActor('night-shift');
const DAY_MS = 86_400_000;
const HOW: CarryOutOptions = { note: 'night shift', alone: false, change: null };

/** A dangerous command: `act` does it for a person; `other` differs in one parameter; `action` is what the log then has. */
type Subject = {
  readonly kind: string;
  readonly action: string;
  readonly act: (world: World, person: string, how: CarryOutOptions) => Promise<CarriedOut<object, unknown>>;
  readonly other: (world: World, person: string, how: CarryOutOptions) => Promise<CarriedOut<object, unknown>>;
  readonly facts: (person: string) => object[];
};

const link = (minutes: number): Subject['act'] => {
  return ({ vault, harbour: { tenant } }, principal, how) =>
    createLinkByCommand(vault, night, { tenant, principal, minutes, replacePasskeys: true }, how, WAIT());
};
const apiKey = (days: number): Subject['act'] => {
  return ({ vault, harbour: { tenant } }, principal, how) =>
    createApiKeyByCommand(vault, night, { tenant, principal, days, scopes: null }, how, WAIT());
};
const service = (name: string): Subject['act'] => {
  return ({ vault, harbour: { tenant } }, owner, how) =>
    addServiceByCommand(vault, night, { tenant, name, roles: ['auditor'], owners: [owner] }, how, WAIT());
};
const SUBJECTS: readonly Subject[] = [
  {
    ...{ kind: 'link', action: 'sign_in.link_made', act: link(15), other: link(16) },
    facts: (person) => [
      { name: 'person', value: person, title: 'Rita Vale' },
      { name: 'minutes', value: 15 },
      { value: true },
    ],
  },
  {
    ...{ kind: 'api_key', action: 'api_key.created', act: apiKey(30), other: apiKey(31) },
    facts: (person) => [
      { name: 'principal', value: person, title: 'Rita Vale' },
      { name: 'days', value: 30 },
      { name: 'scopes' },
    ],
  },
  {
    ...{ kind: 'service', action: 'service.added', act: service('SIEM'), other: service('SIEM 2') },
    facts: () => [{ name: 'name', value: 'SIEM' }, { name: 'roles', value: ['auditor'] }, { value: ['Rita Vale'] }],
  },
];

describe.each(ENGINES)('on $engine $reason', ({ engine, present }) => {
  describe.each(SUBJECTS)('a command of the kind $kind', ({ kind, action, act, other, facts }) => {
    let world: World;
    let [tenant, person]: [string, string] = ['', ''];
    let [admin, second]: SteppingUp[] = [];
    beforeAll(async () => {
      if (!present) return;
      world = await makeWorld(engine === 'sqlite' ? {} : { postgres: await freshDatabase(await serverOf(engine)) });
      tenant = world.harbour.tenant;
      person = await world.named(tenant, 'Rita Vale');
      admin = await withPasskey(world, tenant, world.harbour.admin.id);
      second = await withPasskey(world, tenant, await world.named(tenant, 'Ines Duarte', ['admin']));
      await world.deposited(world.harbour, 'call-1', wav(1000));
    }, 300_000);
    afterAll(() => world?.end());

    const done = async () => (await eventsOf(world, tenant)).filter((one) => one.action === action).length;
    const open = async (whom = person) => {
      const outcome = await act(world, whom, HOW);
      if (outcome.done) throw new Error('the command acted at once');
      return outcome;
    };
    const post = async (who: SteppingUp | undefined, id: string, how = 'approve') => {
      const json = how === 'refuse' ? { json: { reason: 'not on my shift' } } : {};
      const reply = await who?.browser.call('POST', `/v1/changes/${id}/${how}`, json);
      const body = (await reply?.json()) as { checks?: { ok: boolean; code?: string }[] };
      return [reply?.status, body.checks?.find(({ ok }) => !ok)?.code];
    };
    const approved = async (whom = person) => {
      const { change } = await open(whom);
      expect(await post(admin, change.id)).toEqual([200, undefined]);
      return change.id;
    };
    const stateOf = async (id: string) => (await readOutcome(world.vault, id, WAIT())).change.state;

    it.runIf(present)('waits for the admin, acts once approved, and the log has what was proposed', async () => {
      const before = await done();
      const { change, confirmer } = await open();
      expect([change.kind, change.state, confirmer, await done()]).toEqual([kind, 'OPEN', 'admin', before]);
      const seen = (await (await admin?.browser.call('GET', `/v1/changes/${change.id}`))?.json()) as object;
      expect(seen).toMatchObject({ kind, note: 'night shift', confirmer: 'admin', facts: facts(person) });
      expect(await outcomeOf(act(world, person, { ...HOW, change: change.id }))).toBe('conflict');
      expect(await post(admin, change.id)).toEqual([200, undefined]);
      expect([await stateOf(change.id), await done()]).toEqual(['APPROVED', before]);
      expect(await act(world, person, { ...HOW, change: change.id })).toMatchObject({ done: true });
      expect([await stateOf(change.id), await done()]).toEqual(['APPLIED', before + 1]);
      expect(await effectsInLog(world, tenant, change.id)).toBe(change.effects);
      const last = (await eventsOf(world, tenant)).at(-1);
      expect(last).toMatchObject({ action: 'change.applied', actor: night, object: { id: change.id, kind } });
      // One approval serves once.
      expect(await outcomeOf(act(world, person, { ...HOW, change: change.id }))).toBe('conflict');
      expect(await done()).toBe(before + 1);
    });

    it.runIf(present)('does nothing but what was approved, for the operator who proposed it', async () => {
      const before = await done();
      const id = await approved();
      expect(await outcomeOf(other(world, person, { ...HOW, change: id }))).toBe('conflict');
      const another = await world.named(tenant, 'Mo');
      expect(await outcomeOf(act(world, another, { ...HOW, change: id }))).toBe('conflict');
      expect([await stateOf(id), await done()]).toEqual(['APPROVED', before]);
      expect(await act(world, person, { ...HOW, change: id })).toMatchObject({ done: true });
      expect(await outcomeOf(act(world, person, { ...HOW, change: 'chg_01h00000000000000000000000' }))).toBe(
        'not_found',
      );
    });

    it.runIf(present)('acts once where two act at the same time', async () => {
      const before = await done();
      const id = await approved();
      const outcomes = await Promise.all([1, 2, 3].map(() => outcomeOf(act(world, person, { ...HOW, change: id }))));
      expect(outcomes.filter((one) => one !== 'conflict')).toHaveLength(1);
      expect([await stateOf(id), await done()]).toEqual(['APPLIED', before + 1]);
    });

    it.runIf(present)('is not approved by the person whom it is for, but by another admin', async () => {
      const { change } = await open(second?.id);
      expect(await post(second, change.id)).toEqual([403, 'grants_to_you']);
      expect(await post(admin, change.id)).toEqual([200, undefined]);
    });

    it.runIf(present)('is not done after a rejection, a withdrawal of its person, or a day', async () => {
      const before = await done();
      const { change } = await open();
      if (admin !== undefined) await stepUp(admin);
      expect(await post(admin, change.id, 'refuse')).toEqual([200, undefined]);
      expect((await readOutcome(world.vault, change.id, WAIT())).reason).toBe('not on my shift');
      expect(await outcomeOf(act(world, person, { ...HOW, change: change.id }))).toBe('conflict');
      const leaver = await world.named(tenant, 'Bo');
      const gone = await approved(leaver);
      await world.turnOff(tenant, leaver);
      expect(await outcomeOf(act(world, leaver, { ...HOW, change: gone }))).toBe('not_found');
      const late = await approved();
      world.forward(DAY_MS + 1000);
      expect(await stateOf(late)).toBe('EXPIRED');
      expect(await outcomeOf(act(world, person, { ...HOW, change: late }))).toBe('conflict');
      expect(await expireChanges(world.vault, WAIT())).toBeGreaterThan(0);
      expect([await outcomeOf(act(world, person, { ...HOW, change: late })), await done()]).toEqual([
        'conflict',
        before,
      ]);
    });

    it.runIf(present)('acts alone if it is asked to, and the log says so', async () => {
      expect(await act(world, person, { ...HOW, alone: true })).toMatchObject({ done: true });
      const last = (await eventsOf(world, tenant)).filter((one) => one.action === action).at(-1);
      expect(last?.object).toMatchObject({ alone: 1 });
    });
  });
});

describe('a link for the only admin with a passkey', () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld();
    await withPasskey(world, world.harbour.tenant, world.harbour.admin.id);
    await world.deposited(world.harbour, 'call-1', wav(1000));
  }, 300_000);
  afterAll(() => world?.end());

  it('needs another operator: the admin gains by it', async () => {
    const outcome = await link(15)(world, world.harbour.admin.id, HOW);
    expect(outcome).toMatchObject({ done: false, confirmer: 'operator' });
    const own = await withPasskey(world, 'deployment', await world.operator('night-shift'));
    const day = await withPasskey(world, 'deployment', await world.operator('day-shift'));
    const id = outcome.done ? '' : outcome.change.id;
    // The operator signs what the command proposed, once operators have passkeys.
    await signChange(own.browser, own.key, id);
    expect((await day.browser.call('POST', `/v1/changes/${id}/approve`)).status).toBe(200);
    const acted = await link(15)(world, world.harbour.admin.id, { ...HOW, change: id });
    expect(acted).toMatchObject({ done: true, result: { link: { secret: expect.stringMatching(/^cvl_/) } } });
  });
});
