// Attacks on subject requests, on both engines: time that passes, edited rows, damage, crashes, two requests of one person.
// Long because all attacks share one cast.
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkLog } from '../../src/model/log/check.ts';
import { continueAnswers } from '../../src/vault/changes/continue-answers.ts';
import { expireChanges } from '../../src/vault/changes/expire.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { openRawFacts } from '../../src/vault/core/facts/raw-facts.ts';
import { activeTenantAndKey } from '../../src/vault/core/tenants/active-tenant.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { holdContinuer } from '../../src/vault/holds/continue-holds.ts';
import { expirer } from '../../src/vault/retention/expire.ts';
import { browserOf, requestChallenge } from '../support/browser.ts';
import { eventsOf, type SteppingUp, signatureOf, signingBrowser, stepUp } from '../support/changes.ts';
import { consentIn } from '../support/consent.ts';
import { ENGINES } from '../support/engines.ts';
import { type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { type SubjectPeople, subjectPeople, subjectsIn } from '../support/subject-requests.ts';
import { makeWorld, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

const HOUR = 3_600_000;
const wait = () => ({ signal: AbortSignal.timeout(300_000) });
type Body = Readonly<Record<string, unknown>>;
type Found = { readonly recording: string; readonly suggested: string | null; readonly done: string | null };

describe.each(ENGINES)('on $engine, a subject request $reason', ({ engine, present }) => {
  let world: World;
  let rows: RowsBySql;
  let people: SubjectPeople;
  let of: ReturnType<typeof subjectsIn>;
  let calls: ReturnType<typeof consentIn>;
  beforeAll(async () => {
    if (!present) return;
    const url = engine === 'sqlite' ? null : await freshDatabase(await serverOf(engine));
    world = await makeWorld(url === null ? { signed: true } : { signed: true, postgres: url });
    rows = url === null ? rowsOfSqlite(join(world.folder, 'vault.db')) : await rowsOfPostgres(url);
    people = await subjectPeople(world);
    of = subjectsIn(world, () => people);
    calls = consentIn(world);
  }, 300_000);
  afterEach(async () => {
    if (present) expect(await faults()).toEqual([]);
  });
  afterAll(async () => {
    await rows?.close();
    await world?.end();
  });

  /** What the check of the log finds. */
  const faults = async () => {
    const { tenant } = world.harbour;
    const events = await world.vault.db.read((read) => read.log.events(tenant, 0, 10_000), wait());
    return checkLog(logName('vault.example', tenant), events, leafHash);
  };
  /** Sign-ins end within a day. */
  const dayPasses = async (hours = 25) => {
    world.forward(hours * HOUR);
    const again = async ({ id, key }: SteppingUp): Promise<SteppingUp> => {
      const browser = browserOf(world);
      const { challenge_id, options } = await requestChallenge(browser, '/v1/sign-in/passkey/options');
      const json = { challenge_id, response: key.prove(options) };
      expect((await browser.call('POST', '/v1/sign-in/passkey', { json })).status).toBe(200);
      const one = { id, key, browser: signingBrowser(browser, key) };
      await stepUp(one);
      return one;
    };
    people = { privacy: await again(people.privacy), admin: await again(people.admin) };
  };
  const expired = async () => {
    const expire = expirer(world.vault, () => undefined);
    // A clock that went on far is looked at again.
    for (let n = 0; n < 3; n += 1) {
      await expire(wait());
      world.forward(60_000);
    }
  };
  let person = 0;
  /** Calls of one more person, and their number. */
  const callsOf = async (n: number) => {
    person += 1;
    const number = `+4412345${String(person).padStart(5, '0')}`;
    const recordings: string[] = [];
    for (let at = 0; at < n; at += 1)
      recordings.push(await calls.call(`a-${person}-${at}`, 10, { 'vault-meta-from': encodeURIComponent(number) }));
    return { number, recordings: recordings.sort() };
  };
  const send = (who: SteppingUp, path: string, json: object = {}) => who.browser.call('POST', path, { json });
  const step = (id: string, name: string, json: object = {}) =>
    send(people.privacy, `/v1/subject-requests/${id}/${name}`, json);
  const found = async (id: string) =>
    (await of.call('GET', `/v1/subject-requests/${id}/recordings`))['data'] as readonly Found[];
  const stateOf = async (recording: string) =>
    (await world.vault.db.read((read) => read.recordings.find(world.harbour.tenant, recording), wait()))?.state;
  const changeOf = async (change: string) => (await of.call('GET', `/v1/changes/${change}`))['state'];
  const acts = async (change: string) =>
    (await eventsOf(world, world.harbour.tenant)).flatMap(({ action, object }) =>
      object['change'] === change && !action.startsWith('change.') ? [action] : [],
    );
  /** A process that ends before its nth transaction. */
  const crashing = (before: number): Vault => {
    let n = 0;
    const change: Vault['db']['change'] = (...given) => {
      n += 1;
      if (n >= before) throw new Error('crash');
      return world.vault.db.change(...given);
    };
    return { ...world.vault, db: { ...world.vault.db, change } };
  };

  it.runIf(present)(
    'is carried out to its end after a crash between batches, whatever time passed',
    async () => {
      const { number, recordings } = await callsOf(23);
      const id = await of.open(['erase'], { numbers: [number] });
      const change = await of.decide(id);
      await of.approve(change);
      // It begins, does one batch, and ends.
      await expect(continueAnswers(crashing(3), wait())).rejects.toThrow('crash');
      expect(await acts(change)).toEqual(['subject.doing', 'recording.erasing']);
      await dayPasses();
      await expireChanges(world.vault, wait());
      expect(await changeOf(change)).toBe('approved');
      await expectProblem(await step(id, 'decision', { note: 'once more' }), 409, 'conflict');
      await of.carryOut();
      expect(await changeOf(change)).toBe('applied');
      expect(await acts(change)).toEqual(['subject.doing', 'recording.erasing', 'subject.stayed']);
      const left = (await found(id)).filter(({ done }) => done === null).map(({ recording }) => recording);
      expect(left).toEqual(recordings.slice(20));
      await of.approve(await of.decide(id));
      await of.carryOut();
      expect(await Promise.all(left.map(stateOf))).not.toContain('AVAILABLE');
      expect((await of.call('POST', `/v1/subject-requests/${id}/answer`, {}))['state']).toBe('answered');
    },
    300_000,
  );

  it.runIf(present)(
    'is not searched or decided again while an approved decision waits to be ended, however late',
    async () => {
      const { number } = await callsOf(1);
      const id = await of.open(['erase'], { numbers: [number] });
      const change = await of.decide(id);
      await of.approve(change);
      await dayPasses();
      await expectProblem(await step(id, 'search'), 409, 'conflict');
      await expectProblem(await step(id, 'decision', { note: 'once more' }), 409, 'conflict');
      await of.carryOut();
      expect(await changeOf(change)).toBe('applied');
      expect(await acts(change)).toEqual(['subject.doing', 'subject.stayed']);
    },
    300_000,
  );

  it.runIf(present)(
    'does to the others what was decided where one is damaged',
    async () => {
      const { number, recordings } = await callsOf(3);
      const [damaged = '', ...others] = recordings;
      const id = await of.open(['restrict'], { numbers: [number] });
      const change = await of.decide(id);
      await of.approve(change);
      const { quarantine } = (await rows.all('recording')).find((row) => row['id'] === damaged) ?? {};
      await rows.set('recording', { id: damaged }, { quarantine: 'integrity' });
      await of.carryOut();
      expect(await changeOf(change)).toBe('applied');
      expect((await found(id)).map(({ recording, suggested }) => [recording, suggested])).toEqual([
        [damaged, 'told'],
        ...others.map((one) => [one, null]),
      ]);
      const wanted = { outcomes: [{ recording: damaged, outcome: 'restrict' }], note: 'all' };
      await expectProblem(await step(id, 'decision', wanted), 400, 'malformed');
      await rows.set('recording', { id: damaged }, { quarantine: quarantine ?? null });
    },
    300_000,
  );

  it.runIf(present)(
    'asks once to erase what must be kept: the second request of a person finds it asked',
    async () => {
      const { number, recordings } = await callsOf(1);
      const review = new Date(world.vault.clock.now() + 800 * HOUR).toISOString();
      await of.call('POST', '/v1/holds', { reference: 'LH-9', title: 'dispute', review, recordings });
      await of.decided(['erase'], {}, { numbers: [number] });
      const { id, change } = await of.decided(['erase', 'object'], {}, { numbers: [number] });
      expect(await changeOf(change)).toBe('applied');
      expect(await acts(change)).toEqual(['subject.doing']);
      expect((await of.call('POST', `/v1/subject-requests/${id}/answer`, {}))['state']).toBe('answered');
    },
    300_000,
  );

  it.runIf(present)(
    'cannot be rejected once something of it is done',
    async () => {
      const { number, recordings } = await callsOf(2);
      const id = await of.open(['erase'], { numbers: [number] });
      const change = await of.decide(id);
      await of.approve(change);
      const review = new Date(world.vault.clock.now() + 800 * HOUR).toISOString();
      const held = { reference: 'LH-8', title: 'dispute', review, recordings: recordings.slice(0, 1) };
      await of.call('POST', '/v1/holds', held);
      await of.carryOut();
      expect(await acts(change)).toEqual(['subject.doing', 'recording.erasing', 'subject.stayed']);
      const again = await of.decide(id);
      await of.call('POST', `/v1/changes/${again}/withdraw`);
      const refusal = { refusal: { ground: 'unfounded', reason: 'a mistake' }, note: 'a mistake' };
      await expectProblem(await step(id, 'decision', refusal), 409, 'conflict');
    },
    300_000,
  );

  it.runIf(present)(
    'does nothing where outcomes were edited by SQL, and is decided again after a day',
    async () => {
      const { number, recordings } = await callsOf(2);
      const [one = '', other = ''] = recordings;
      const id = await of.open(['erase'], { numbers: [number] });
      const told = { outcomes: [{ recording: one, outcome: 'told' }] };
      const edit = async (first: string, second: string) => {
        await rows.set('subject_match', { request: id, recording: one }, { outcome: first });
        await rows.set('subject_match', { request: id, recording: other }, { outcome: second });
      };
      // Before the approval: the second person does not sign what the rows do not say.
      const change = await of.decide(id, told);
      await edit('erase', 'told');
      const refused = await people.admin.browser.call('POST', `/v1/changes/${change}/approve`, {
        json: (await signatureOf(people.admin.browser, people.admin.key, `/v1/changes/${change}/approve`)) ?? {},
      });
      expect([refused.status, ((await refused.json()) as Body)['code']]).toEqual([403, 'change_refused']);
      await edit('told', 'erase');
      await of.approve(change);
      await edit('erase', 'told');
      await expect(of.carryOut()).rejects.toMatchObject({ code: 'integrity' });
      expect([await stateOf(one), await stateOf(other)]).toEqual(['AVAILABLE', 'AVAILABLE']);
      await dayPasses();
      await of.carryOut();
      expect([await changeOf(change), await acts(change)]).toEqual(['expired', []]);
      await of.approve(await of.decide(id, told));
      await of.carryOut();
      expect([await stateOf(one), await stateOf(other)]).toEqual(['AVAILABLE', 'ERASING']);
    },
    300_000,
  );

  it.runIf(present)(
    'does to the others what was decided where the holds of one are not as they were written',
    async () => {
      const { number, recordings } = await callsOf(2);
      const [edited = '', other = ''] = recordings;
      const id = await of.open(['erase'], { numbers: [number] });
      const change = await of.decide(id);
      await of.approve(change);
      const hold = { tenant: world.harbour.tenant, hold: newId('hld'), recording: edited };
      await rows.insert('hold_recording', { ...hold, covered: 1, lifted: 0 });
      await of.carryOut();
      expect([await changeOf(change), await stateOf(edited), await stateOf(other)]).toEqual([
        ...['applied', 'AVAILABLE', 'ERASING'],
      ]);
      await rows.remove('hold_recording', hold);
    },
    300_000,
  );

  it.runIf(present)(
    'silences what is asked to be erased, and nothing of the platform or of a person takes that back',
    async () => {
      const { harbour } = world;
      const { number, recordings } = await callsOf(1);
      const [recording = ''] = recordings;
      const session = await world.session(harbour, await world.grant(harbour, recording));
      expect((await calls.hear(session)).status).toBe(206);
      const review = new Date(world.vault.clock.now() + 800 * HOUR).toISOString();
      const held = await of.call('POST', '/v1/holds', { reference: 'LH-7', title: 'dispute', review, recordings });
      const { id: request } = await of.decided(['erase'], {}, { numbers: [number] });
      await expectProblem(await calls.hear(session), 403, 'session_ended');
      const facts = async () => {
        const row = await world.vault.db.read((read) => read.recordings.find(harbour.tenant, recording), wait());
        const { metadataKey } = await activeTenantAndKey(world.vault, harbour.tenant, wait());
        return row?.facts == null ? null : openRawFacts(metadataKey, row, row.facts);
      };
      const asked = { at: expect.any(String), request };
      expect(await facts()).toMatchObject({ asked });
      const path = `/v1/ingest/pbx/a-${person}-0`;
      const amend = (json: object) => world.call('PATCH', path, { key: harbour.uploader.key, json });
      for (const name of ['asked', 'restricted'])
        await expectProblem(await amend({ [name]: null }), 400, 'metadata_invalid');
      expect((await amend({ queue: 'other', basis: { kind: 'contract' } })).status).toBeLessThan(300);
      const at = await world.call('GET', `/v1/recordings/${recording}`, { key: harbour.privacy.key });
      const correct = (json: object) =>
        world.call('PATCH', `/v1/recordings/${recording}`, {
          ...{ key: harbour.privacy.key, headers: { 'if-match': String(at.headers.get('etag')) } },
          json: { reason: 'a correction', ...json },
        });
      expect((await correct({ asked: null })).status).toBe(400);
      expect((await correct({ queue: 'third' })).status).toBe(200);
      expect(await facts()).toMatchObject({ asked, queue: 'third' });
      const wish = { recording, purpose: 'quality', reason: 'a look at it', minutes: 5 };
      const refused = await world.call('POST', '/v1/access-requests', { key: harbour.reviewer.key, json: wish });
      await expectProblem(refused, 403, 'access_refused');
      // A week after it was asked for, at the end of that day anywhere, it is due as soon as the hold is lifted.
      await dayPasses(24 * 9);
      await expired();
      expect(await stateOf(recording)).toBe('AVAILABLE');
      const lifted = await of.call('POST', '/v1/changes', { kind: 'lift', note: 'settled', hold: held['id'] });
      await of.approve(String(lifted['id']));
      await holdContinuer(world.vault)(wait());
      await expired();
      expect(await stateOf(recording)).toBe('ERASING');
    },
    300_000,
  );

  it.runIf(present)(
    'keeps what it found from an expiry and a court, until it is answered',
    async () => {
      const { tenant } = world.harbour;
      const { number, recordings } = await callsOf(2);
      const [due = '', ordered = ''] = recordings;
      const { id } = await of.decided(['access'], {}, { numbers: [number] });
      await calls.withdrawn({ number });
      await dayPasses(24 * 9);
      await expired();
      expect(await stateOf(due)).toBe('AVAILABLE');
      const erase = () =>
        eraseRecording(
          world.vault,
          operatorActor('op-9'),
          { tenant, recording: ordered, reason: 'court-order' },
          wait(),
        );
      await expect(erase()).rejects.toMatchObject({ code: 'held' });
      await of.call('POST', `/v1/subject-requests/${id}/answer`, {});
      await expired();
      expect(await stateOf(due)).toBe('ERASING');
    },
    300_000,
  );

  it.runIf(present)(
    'withdraws consent for all numbers of the person with its opening, or for none',
    async () => {
      const [one, other] = [await callsOf(1), await callsOf(1)];
      const numbers = [one.number, other.number];
      const open = (more: object) =>
        send(people.privacy, '/v1/subject-requests', { kinds: ['withdraw'], person: { numbers, ...more } });
      const ids = [...one.recordings, ...other.recordings];
      await expectProblem(await open({ fields: { customer: '17' } }), 400, 'malformed');
      await calls.continue();
      expect(await Promise.all(ids.map((id) => calls.isWithdrawn(id)))).toEqual([false, false]);
      expect((await open({})).status).toBe(201);
      await calls.continue();
      expect(await Promise.all(ids.map((id) => calls.isWithdrawn(id)))).toEqual([true, true]);
    },
    300_000,
  );

  it.runIf(present)(
    'is another tenant’s at no step',
    async () => {
      const { number } = await callsOf(1);
      const id = await of.open(['access'], { numbers: [number] });
      const key = world.yunhai.privacy.key;
      const path = `/v1/subject-requests/${id}`;
      for (const one of [path, `${path}/recordings`, `${path}/answer`, `${path}/package`])
        expect((await world.call('GET', one, { key })).status).toBe(404);
      const steps = {
        ...{ identity: { how: 'seen' }, search: {}, extend: { reason: 'many calls' } },
        ...{ decision: { note: 'as asked' }, answer: {} },
      };
      for (const [name, json] of Object.entries(steps))
        await expectProblem(await world.call('POST', `${path}/${name}`, { key, json }), 404, 'not_found');
    },
    300_000,
  );

  it.runIf(present)(
    'rejects what no request can say',
    async () => {
      const { number, recordings } = await callsOf(1);
      const [recording = ''] = recordings;
      const opens = (person: object, more: object = {}) =>
        send(people.privacy, '/v1/subject-requests', { kinds: ['access'], person, ...more });
      const wrong = [
        await opens({}),
        await opens({ numbers: ['1'.repeat(129)] }),
        await opens({ numbers: [number], fields: { nothing: 'x' } }),
        await send(
          people.privacy,
          '/v1/subject-requests',
          JSON.parse(`{"kinds":["access"],"person":{"fields":{"__proto__":"x"}}}`) as object,
        ),
        await opens({ numbers: [number] }, { received: '0001-01-01T00:00:00+14:00' }),
        await opens({ numbers: [number] }, { received: '9999-12-31T23:59:59-12:00' }),
      ];
      expect(wrong.map(({ status }) => status)).toEqual(wrong.map(() => 400));
      const id = await of.open(['access'], { numbers: [number] });
      const odd = await step(id, 'search', { from: '0001-01-01T00:00:00+14:00' });
      await expectProblem(odd, 400, 'malformed');
      const foreign = await calls.call('foreign', 10, {}, world.yunhai);
      const outcomes = (list: readonly (readonly [string, string])[]) =>
        step(id, 'decision', {
          note: 'as asked',
          outcomes: list.map(([one, outcome]) => ({ recording: one, outcome })),
        });
      const lists = [
        [[foreign, 'told']],
        [['rec_00000000000000000000000000', 'told']],
        [[recording, 'erase']],
        [
          [recording, 'told'],
          [recording, 'copy'],
        ],
        Array.from({ length: 2_001 }, () => [recording, 'told']),
      ] as const;
      for (const list of lists) await expectProblem(await outcomes(list as never), 400, 'malformed');
      const longest = await opens({ numbers: ['1'.repeat(128)] });
      expect(longest.status).toBe(201);
    },
    300_000,
  );

  it.runIf(present)(
    'leaves no number once it is answered, and none in the log',
    async () => {
      const { number } = await callsOf(1);
      const name = 'Zebedee Quill';
      const { id } = await of.decided(['access'], {}, { numbers: [number], name, asks: 'all of my calls, please' });
      await of.call('POST', `/v1/subject-requests/${id}/answer`, {});
      const shown = JSON.stringify([
        await of.call('GET', `/v1/subject-requests/${id}`),
        await of.call('GET', `/v1/subject-requests/${id}/answer`),
      ]);
      const log = JSON.stringify(await eventsOf(world, world.harbour.tenant));
      for (const text of [number, number.slice(1)])
        expect([shown, log].map((one) => one.includes(text))).toEqual([false, false]);
      for (const text of [name, 'all of my calls']) expect(log).not.toContain(text);
    },
    300_000,
  );
});
