// Copies for a recorded person: by the officer whom two people named, until the end that they approved, so many times, and
// not after what ends them.
// Long because each thing that ends them is tried before a download and during one.
import { beforeAll, describe, expect, it } from 'vitest';
import { MOST_COPY_HOURS } from '../../src/model/subject/request.ts';
import { revokeGrantsByCommand } from '../../src/vault/access/revoke-by-command.ts';
import { readPolicyByCommand } from '../../src/vault/changes/policy-by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { setPolicy } from '../support/limits.ts';
import { type SubjectPeople, subjectPeople, subjectsIn } from '../support/subject-requests.ts';
import { until } from '../support/until.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const wait = () => ({ signal: AbortSignal.timeout(600_000) });
const HOUR = 3_600_000;
type Body = Readonly<Record<string, unknown>>;

describe('copies for a recorded person', () => {
  const world = sharedWorld();
  let people: SubjectPeople;
  let second: SteppingUp;
  const of = subjectsIn(world, () => people);
  beforeAll(async () => {
    people = await subjectPeople(world);
    const officer = await world.person(world.harbour.tenant, ['privacy']);
    second = await withPasskey(world, world.harbour.tenant, officer.id);
  }, 300_000);

  let numbers = 0;
  /** Some calls of another person, each of this size. */
  const stored = async (sizes: readonly number[]) => {
    const number = `+44123461${String(++numbers).padStart(4, '0')}`;
    const recordings: string[] = [];
    for (const [n, size] of sizes.entries())
      recordings.push(
        await world.deposited(world.harbour, `call-${numbers}-${n}`, wav(size), {
          'vault-meta-from': encodeURIComponent(number),
          'vault-meta-started-at': new Date(world.vault.clock.now() - HOUR).toISOString(),
        }),
      );
    return { number, recordings };
  };
  /** A decided request of another person about such calls. */
  const decided = async (decision: object = {}, sizes: readonly number[] = [16_000]) => {
    const { number, recordings } = await stored(sizes);
    const { id, change } = await of.decided(['access'], decision, { numbers: [number] });
    return { id, change, number, recordings, recording: recordings[0] ?? '' };
  };
  const download = (id: string, who: SteppingUp = people.privacy) =>
    who.browser.call('GET', `/v1/subject-requests/${id}/package`);
  const read = async (id: string, who?: SteppingUp) => {
    const reply = await download(id, who);
    const bytes = await reply.arrayBuffer().catch(() => null);
    return [reply.status, bytes !== null];
  };
  const refused = async (id: string, code: string, who?: SteppingUp) => {
    const { checks = [] } = await expectProblem(await download(id, who), 403, 'access_refused');
    expect(checks.filter(({ ok }) => ok === false).map((one) => one.code)).toContain(code);
  };
  const shown = async (id: string) => (await of.call('GET', `/v1/subject-requests/${id}`))['copies'] as Body | null;
  const endings = async (id: string) =>
    (await eventsOf(world, world.harbour.tenant))
      .filter(({ action, object }) => action === 'subject.copies_ended' && object['id'] === id)
      .map(({ object }) => object['why']);

  it('are what both people sign, and what the request shows', async () => {
    const { id, change } = await decided({ copies: { hours: 5, downloads: 2 } });
    const proposal = await of.call('GET', `/v1/changes/${change}`);
    const by = { officer: world.harbour.privacy.id, officer_name: expect.any(String) as string };
    expect((proposal['answer'] as Body)['copies']).toEqual({ ...by, hours: 5, downloads: 2, recordings: 1 });
    const copies = await shown(id);
    expect(copies).toEqual({ ...by, until: expect.any(String) as string, downloads: 2, left: 2 });
    const until = Date.parse(String(copies?.['until']));
    const events = await eventsOf(world, world.harbour.tenant);
    const approved = events.find(({ action, object }) => action === 'subject.copies' && object['change'] === change);
    expect(approved?.object).toMatchObject({ officer: by.officer, hours: 5, downloads: 2 });
    expect(Math.abs(until - 5 * HOUR - Date.now())).toBeLessThan(HOUR);
    expect(await read(id)).toEqual([200, true]);
    expect(await shown(id)).toMatchObject({ left: 1 });
  }, 120_000);

  it('are for three days and three downloads by the proposer, where the decision does not say', async () => {
    const { change } = await decided();
    const { answer } = (await of.call('GET', `/v1/changes/${change}`)) as { answer: Body };
    expect(answer['copies']).toMatchObject({ officer: world.harbour.privacy.id, hours: 72, downloads: 3 });
  }, 120_000);

  it('are made by the named officer alone', async () => {
    const { id, change } = await decided({ copies: { officer: second.id } });
    await refused(id, 'not_your_copies');
    expect(await read(id, second)).toEqual([200, true]);
    const opened = (await eventsOf(world, world.harbour.tenant)).filter(
      ({ action, object }) => action === 'session.opened' && object['change'] === change,
    );
    expect(opened).toMatchObject([{ actor: { id: second.id } }]);
  }, 120_000);

  it('name a privacy officer, no more than three days, and not who approves', async () => {
    const number = '+441234619999';
    await world.deposited(world.harbour, 'call-named', wav(16_000), { 'vault-meta-from': encodeURIComponent(number) });
    const id = await of.open(['access'], { numbers: [number] });
    const propose = (copies: object, more: object = {}) =>
      people.privacy.browser.call('POST', `/v1/subject-requests/${id}/decision`, {
        json: { note: 'as asked', copies, ...more },
      });
    for (const officer of [world.harbour.admin.id, world.yunhai.privacy.id, 'usr_none'])
      await expectProblem(await propose({ officer }), 400, 'malformed');
    await expectProblem(await propose({ hours: MOST_COPY_HOURS + 1 }), 400, 'malformed');
    await expectProblem(await propose({ downloads: 11 }), 400, 'malformed');
    const refusal = { ground: 'law', reason: 'the law forbids it' };
    await expectProblem(await propose({}, { refusal }), 400, 'malformed');
    const change = await of.decide(id, { copies: { officer: second.id } });
    const problem = await expectProblem(
      await second.browser.call('POST', `/v1/changes/${change}/approve`),
      403,
      'change_refused',
    );
    expect(problem.checks?.find(({ ok }) => ok === false)?.code).toBe('grants_to_you');
    await of.approve(change);
  }, 120_000);

  it('are made so often, and a connection that is only looked at counts nothing', async () => {
    const { id } = await decided({ copies: { downloads: 2 } });
    await people.privacy.browser.call('HEAD', `/v1/subject-requests/${id}/package`);
    expect([await read(id), await read(id)]).toEqual([
      [200, true],
      [200, true],
    ]);
    await refused(id, 'downloads_used');
    expect(await shown(id)).toMatchObject({ left: 0 });
  }, 120_000);

  it('can be approved again, which ends what was approved before', async () => {
    const { id, change } = await decided({ copies: { downloads: 1 } });
    expect(await read(id)).toEqual([200, true]);
    const again = await of.decide(id, { copies: { officer: second.id, downloads: 1 } });
    expect(await endings(id)).toEqual(['decided']);
    await expectProblem(await download(id), 409, 'conflict');
    await of.approve(again);
    await of.carryOut();
    expect(again).not.toBe(change);
    await refused(id, 'not_your_copies');
    expect(await read(id, second)).toEqual([200, true]);
  }, 120_000);

  it('are not made on a decision of a version before, which names no officer', async () => {
    const { id } = await decided();
    world.sql.prepare('update subject_request set copies = null, copies_by = null where id = ?').run(id);
    await expectProblem(await download(id), 409, 'conflict');
    expect(await shown(id)).toBeNull();
    await of.approve(await of.decide(id));
    await of.carryOut();
    expect(await read(id)).toEqual([200, true]);
  }, 120_000);

  it('are not made where the row names another officer', async () => {
    const { id } = await decided();
    world.sql.prepare('update subject_request set copies_by = ? where id = ?').run(second.id, id);
    await expectProblem(await download(id, second), 500, 'integrity');
  }, 120_000);

  it('are not made after the answer was sent', async () => {
    const { id } = await decided();
    await of.call('POST', `/v1/subject-requests/${id}/answer`, {});
    await expectProblem(await download(id), 409, 'conflict');
    expect(await endings(id)).toEqual(['answered']);
  }, 120_000);

  const ends: readonly (readonly [
    name: string,
    why: string,
    act: (one: { number: string; recording: string }) => Promise<unknown>,
  ])[] = [
    [
      'a restriction',
      'restricted',
      ({ recording }) =>
        of.call('POST', `/v1/recordings/${recording}/restrict`, { ground: 'claims', reason: 'a claim was made' }),
    ],
    [
      'a withdrawal of consent',
      'consent',
      ({ number }) => of.call('POST', '/v1/withdrawals', { number, reason: 'they wrote again' }),
    ],
    [
      'a revocation by recording',
      'revoked',
      ({ recording }) => of.call('POST', '/v1/grants/revoke', { recording, reason: 'not any more' }),
    ],
    [
      'a revocation by person',
      'revoked',
      () => of.call('POST', '/v1/grants/revoke', { person: world.harbour.privacy.id, reason: 'not any more' }),
    ],
    [
      'a command',
      'revoked',
      ({ recording }) =>
        revokeGrantsByCommand(
          world.vault,
          operatorActor('op-1'),
          world.harbour.tenant,
          { recording },
          'not now',
          wait(),
        ),
    ],
  ];

  it.each(ends)(
    'are ended by %s',
    async (_, why, act) => {
      const one = await decided();
      await act(one);
      await expectProblem(await download(one.id), 409, 'conflict');
      expect(await endings(one.id)).toEqual([why]);
    },
    120_000,
  );

  it.each(ends.slice(0, 2))(
    'are not made where %s came between the proposal and the approval, but where it came before',
    async (_, __, act) => {
      const { number, recordings } = await stored([16_000]);
      const recording = recordings[0] ?? '';
      const id = await of.open(['access'], { numbers: [number] });
      const change = await of.decide(id);
      await act({ number, recording });
      await of.approve(change);
      await of.carryOut();
      await refused(id, 'copies_ended');
      const again = await of.open(['access'], { numbers: [number] });
      await of.approve(await of.decide(again));
      await of.carryOut();
      expect(await read(again)).toEqual([200, true]);
    },
    120_000,
  );

  it.each(ends)(
    'are cut between two recordings by %s',
    async (_, why, act) => {
      // More than what the sender holds in advance.
      const one = await decided({}, [8_000_000, 8_000_000]);
      const reader = (await download(one.id)).body?.getReader();
      let [bytes, clean, acted] = [0, true, false];
      try {
        for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
          bytes += next.value.length;
          if (acted || bytes < 500_000) continue;
          acted = true;
          await act({ ...one, recording: one.recordings[1] ?? '' });
        }
      } catch {
        clean = false;
      }
      expect([acted, clean]).toEqual([true, false]);
      expect(bytes).toBeLessThan(15_000_000);
      const sessions = async () =>
        (await eventsOf(world, world.harbour.tenant)).filter(
          ({ action, object }) => action.startsWith('session.') && object['change'] === one.change,
        );
      await until('the session has ended', async () => (await sessions()).at(-1)?.action === 'session.ended');
      expect((await sessions()).filter(({ action }) => action === 'session.opened').length).toBe(1);
      expect(await endings(one.id)).toEqual([why]);
      await until('the keys are dropped', async () => world.vault.sessionKeys.sessions().length === 0);
    },
    240_000,
  );

  it.each([
    ['hours', 'outside_hours', () => ({ hours: { days: [another()], from: '03:00', to: '03:01' } })],
    ['daily sessions', 'daily_sessions', () => ({ perDay: { sessions: 1, minutes: 600 } })],
    ['purposes', 'purpose_not_allowed', () => ({ purposes: {} })],
  ] as const)(
    'keep to the policy’s %s',
    async (_, code, members) => {
      const { id } = await decided();
      expect(await read(id)).toEqual([200, true]);
      const { tenant } = world.harbour;
      const { policy } = await readPolicyByCommand(world.vault, tenant, wait());
      const { 'subject-request': _rule, ...others } = policy.purposes;
      const wanted = members() as Body;
      await setPolicy(world.vault, tenant, ('purposes' in wanted ? { purposes: others } : wanted) as never);
      await refused(id, code);
      await setPolicy(world.vault, tenant, { hours: undefined, perDay: undefined, purposes: policy.purposes });
      expect(await read(id)).toEqual([200, true]);
    },
    120_000,
  );

  /** A day of the week on which it is not, in any time zone. */
  const another = () => ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'][(new Date().getUTCDay() + 3) % 7];

  it('end with the officer’s account, and do not come back with it', async () => {
    const officer = await world.person(world.harbour.tenant, ['privacy']);
    const { id } = await decided({ copies: { officer: officer.id } });
    await world.turnOff(world.harbour.tenant, officer.id);
    expect(await shown(id)).toBeNull();
    expect(await endings(id)).toEqual(['person-off']);
  }, 120_000);

  it('are not made after their time, nor is a session then left', async () => {
    const { id } = await decided({ copies: { hours: 1 } });
    expect(await read(id)).toEqual([200, true]);
    world.forward(HOUR + 60_000);
    // The sign-in has ended too.
    const reply = await world.call('GET', `/v1/subject-requests/${id}/package`, { key: world.harbour.privacy.key });
    const { checks = [] } = await expectProblem(reply, 403, 'access_refused');
    expect(checks.filter(({ ok }) => ok === false).map((one) => one.code)).toContain('copies_expired');
  }, 120_000);
});
