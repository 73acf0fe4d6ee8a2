// What the package of copies does not give: unapproved recordings, recordings that changed since, and readers who may not.
import { beforeAll, describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { eventsOf } from '../support/changes.ts';
import { type SubjectPeople, subjectPeople, subjectsIn } from '../support/subject-requests.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { freshWorld, sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const wait = () => ({ signal: AbortSignal.timeout(60_000) });
/** 20 MB: 20 minutes. */
const LONG = 20 * 60 * 16_000;

/** Reads a body to its end or its failure; runs `meanwhile` after its first megabyte. */
const drain = async (reply: Response, meanwhile: () => Promise<unknown>) => {
  const reader = reply.body?.getReader();
  let bytes = 0;
  let ran = false;
  try {
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
      bytes += next.value.length;
      if (ran || bytes < 1_000_000) continue;
      ran = true;
      await meanwhile();
    }
    return { bytes, clean: true };
  } catch {
    return { bytes, clean: false };
  }
};

describe('the package of copies', () => {
  const world = sharedWorld();
  let people: SubjectPeople;
  const of = subjectsIn(world, () => people);
  beforeAll(async () => {
    people = await subjectPeople(world);
  }, 300_000);
  let numbers = 0;
  /** The number of another person. */
  const someone = () => `+44123460${String(++numbers).padStart(4, '0')}`;
  const callOf = (number: string, size = 16_000) =>
    world.deposited(world.harbour, `call-${number}-${size}`, wav(size), {
      'vault-meta-from': encodeURIComponent(number),
    });
  const packageOf = (id: string) => people.privacy.browser.call('GET', `/v1/subject-requests/${id}/package`);
  const sessionsOf = async (change: string) =>
    (await eventsOf(world, world.harbour.tenant)).filter(
      ({ action, object }) => action.startsWith('session.') && object['change'] === change,
    );
  const wanted = (number: string, outcomes: object[] = []) =>
    of.decided(['access'], { outcomes }, { numbers: [number] });
  /** The request keeps nothing from being erased, as one whose row was edited. */
  const released = (id: string) => world.sql.prepare('update subject_match set holds = 0 where request = ?').run(id);

  it('is given once two people have decided, and no earlier', async () => {
    const number = someone();
    await callOf(number);
    const id = await of.open(['access'], { numbers: [number] });
    await expectProblem(await packageOf(id), 409, 'conflict');
    const change = await of.decide(id);
    await expectProblem(await packageOf(id), 409, 'conflict');
    await of.approve(change);
    await expectProblem(await packageOf(id), 409, 'conflict');
    expect(await sessionsOf(change)).toEqual([]);
    await of.carryOut();
    expect((await drain(await packageOf(id), () => Promise.resolve())).clean).toBe(true);
    expect((await sessionsOf(change)).map(({ action }) => action)).toEqual(['session.opened', 'session.ended']);
  }, 120_000);

  it('has nothing of a recording that is only described, and is not given for such alone', async () => {
    const number = someone();
    const [recording, other] = [await callOf(number), await callOf(number, 32_000)];
    const { id } = await wanted(number, [{ recording, outcome: 'told' }]);
    const bytes = Buffer.from(await (await packageOf(id)).arrayBuffer()).toString('latin1');
    expect(bytes).toContain(`_${other}/`);
    expect(bytes).not.toContain(`_${recording}/`);
    const [alone, described] = [someone(), await callOf(`+44123460${String(numbers).padStart(4, '0')}`)];
    const told = await wanted(alone, [{ recording: described, outcome: 'told' }]);
    await expectProblem(await packageOf(told.id), 409, 'conflict');
    expect(await sessionsOf(told.change)).toEqual([]);
  }, 120_000);

  it('is given to privacy officers alone, with a key that listens', async () => {
    const number = someone();
    await callOf(number);
    const { id, change } = await wanted(number);
    const { harbour, yunhai } = world;
    for (const who of ['reviewer', 'supervisor', 'auditor', 'admin', 'uploader'] as const) {
      const reply = await world.call('GET', `/v1/subject-requests/${id}/package`, { key: harbour[who].key });
      await expectProblem(reply, 403, 'forbidden');
    }
    const deaf = await world.keyOf(harbour.tenant, harbour.privacy.id, ['read', 'correct']);
    const reply = await world.call('GET', `/v1/subject-requests/${id}/package`, { key: deaf.secret });
    await expectProblem(reply, 403, 'forbidden');
    const foreign = await world.call('GET', `/v1/subject-requests/${id}/package`, { key: yunhai.privacy.key });
    await expectProblem(foreign, 404, 'not_found');
    expect(await sessionsOf(change)).toEqual([]);
    const allowed = await world.call('GET', `/v1/subject-requests/${id}/package`, { key: harbour.privacy.key });
    expect((await drain(allowed, () => Promise.resolve())).clean).toBe(true);
  }, 120_000);

  it('opens nothing for HEAD', async () => {
    const number = someone();
    await callOf(number);
    const { id, change } = await wanted(number);
    const reply = await people.privacy.browser.call('HEAD', `/v1/subject-requests/${id}/package`);
    expect(reply.status).toBe(200);
    expect(await sessionsOf(change)).toEqual([]);
  }, 120_000);

  it('rejects an outcome that only the database says', async () => {
    const number = someone();
    const recording = await callOf(number);
    await callOf(number, 32_000);
    const { id, change } = await wanted(number, [{ recording, outcome: 'told' }]);
    world.sql.prepare(`update subject_match set outcome = 'copy' where request = ?`).run(id);
    await expectProblem(await packageOf(id), 500, 'integrity');
    expect(await sessionsOf(change)).toEqual([]);
  }, 120_000);

  it('is rejected while a recording fails its integrity check', async () => {
    const number = someone();
    const recording = await callOf(number);
    const { id } = await wanted(number);
    const quarantine = (reasons: string) =>
      world.sql.prepare('update recording set quarantine = ? where id = ?').run(reasons, recording);
    const { quarantine: before } = world.sql
      .prepare('select quarantine from recording where id = ?')
      .get(recording) as {
      quarantine: string;
    };
    quarantine('integrity');
    const problem = await expectProblem(await packageOf(id), 403, 'access_refused');
    expect(problem.checks?.find(({ ok }) => ok === false)).toMatchObject({
      check: 'not-quarantined',
      code: 'quarantined',
    });
    quarantine(before);
    expect((await drain(await packageOf(id), () => Promise.resolve())).clean).toBe(true);
  }, 120_000);

  it('leaves out a recording that was erased since, and says so', async () => {
    const number = someone();
    const [kept, gone] = [await callOf(number), await callOf(number, 32_000)];
    const { id } = await wanted(number);
    released(id);
    const erase = { tenant: world.harbour.tenant, recording: gone, reason: 'request' } as const;
    await eraseRecording(world.vault, operatorActor('op-1'), erase, wait());
    const bytes = Buffer.from(await (await packageOf(id)).arrayBuffer()).toString('latin1');
    expect(bytes).toContain(`_${kept}/audio.wav`);
    expect(bytes).not.toContain(`_${gone}/`);
    expect(bytes).toContain(`\nerased ${gone}\n`);
  }, 120_000);
});

describe('a package that is being sent', () => {
  const world = freshWorld();
  let people: SubjectPeople;
  const of = subjectsIn(world, () => people);
  const NUMBER = '+441234567890';

  /** A decided request for a long call, its package, and what the log says of sessions on its change. */
  const begin = async () => {
    people = await subjectPeople(world);
    const headers = { 'vault-meta-from': encodeURIComponent(NUMBER) };
    const recording = await world.deposited(world.harbour, 'long', wav(LONG), headers);
    const { id, change } = await of.decided(['access']);
    const packageOf = () => people.privacy.browser.call('GET', `/v1/subject-requests/${id}/package`);
    const sessions = async () =>
      (await eventsOf(world, world.harbour.tenant)).filter(
        ({ action, object }) => action.startsWith('session.') && object['change'] === change,
      );
    return { recording, id, packageOf, sessions };
  };

  it.each([
    ['the tenant is suspended', 'suspended', () => world.suspend(world.harbour.tenant)],
    ['the person signs out', 'signed-out', () => people.privacy.browser.call('DELETE', '/v1/sign-in')],
    ['the person is deactivated', 'signed-out', () => world.turnOff(world.harbour.tenant, world.harbour.privacy.id)],
  ] as const)(
    'is cut when %s',
    async (_, reason, cut) => {
      const { packageOf, sessions } = await begin();
      const read = await drain(await packageOf(), cut);
      expect(read.clean).toBe(false);
      expect(read.bytes).toBeLessThan(LONG / 2);
      expect((await sessions()).at(-1)).toMatchObject({ action: 'session.ended', object: { reason } });
    },
    120_000,
  );

  it('is cut when a recording in it is erased', async () => {
    const { recording, id, packageOf, sessions } = await begin();
    world.sql.prepare('update subject_match set holds = 0 where request = ?').run(id);
    const erase = { tenant: world.harbour.tenant, recording, reason: 'request' } as const;
    const read = await drain(await packageOf(), () =>
      eraseRecording(world.vault, operatorActor('op-1'), erase, wait()),
    );
    expect(read.clean).toBe(false);
    expect(read.bytes).toBeLessThan(LONG / 2);
    expect((await sessions()).at(-1)).toMatchObject({ action: 'session.ended', object: { reason: 'erased' } });
  }, 120_000);

  it('ends its session when the client disconnects, counts what was sent, and can be requested again', async () => {
    const { packageOf, sessions } = await begin();
    const reader = (await packageOf()).body?.getReader();
    for (let bytes = 0; bytes < 1_000_000; ) bytes += (await reader?.read())?.value?.length ?? 1_000_000;
    await reader?.cancel();
    await until('the session has ended', async () => (await sessions()).length === 2);
    const [opened, ended] = await sessions();
    expect(opened).toMatchObject({ action: 'session.opened' });
    expect(ended).toMatchObject({ action: 'session.ended', object: { reason: 'closed' } });
    expect(Number(ended?.object['bytes'])).toBeGreaterThan(900_000);
    expect(Number(ended?.object['bytes'])).toBeLessThan(LONG / 2);
    expect(world.vault.sessionKeys.sessions()).toEqual([]);
    const again = await drain(await packageOf(), () => Promise.resolve());
    expect(again).toEqual({ bytes: expect.any(Number), clean: true });
    expect(again.bytes).toBeGreaterThan(LONG);
    expect((await sessions()).map(({ action }) => action).slice(2)).toEqual(['session.opened', 'session.ended']);
  }, 120_000);
});
