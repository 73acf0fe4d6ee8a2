// Changes of the deployment itself: operators, their links, rebuilds. One operator proposes, another confirms, the log decides.
// Long because the changes of one deployment follow from each other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { newId } from '../../src/bytes/ids.ts';
import { leafHash } from '../../src/model/audit-event.ts';
import { MAX_OPEN_CHANGES } from '../../src/model/change/change.ts';
import type { CarryOutOptions } from '../../src/vault/changes/carry-out.ts';
import { readOutcome } from '../../src/vault/changes/outcome.ts';
import { listChangesByCommand } from '../../src/vault/changes/read.ts';
import { addOperatorByCommand } from '../../src/vault/commands/add-operator.ts';
import { createLinkByCommand } from '../../src/vault/commands/create-link.ts';
import { beginRebuild } from '../../src/vault/commands/rebuild.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { checkPeople } from '../../src/vault/verify/check-people.ts';
import { effectsInLog, eventsOf, type SteppingUp, signChange, stepUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { type Row, type RowsBySql, rowsOfPostgres, rowsOfSqlite } from '../support/rows-by-sql.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { makeWorld, type World } from '../support/world.ts';

const DEPLOYMENT = 'deployment';
const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
const night = operatorActor('night-shift');
const how = (change: string | null = null, alone = false): CarryOutOptions => ({ note: 'n', alone, change });

describe.each(ENGINES)('on $engine, the deployment $reason', ({ engine, present }) => {
  let world: World;
  let rows: RowsBySql;
  let [nightOperator, day, auditor]: SteppingUp[] = [];
  beforeAll(async () => {
    if (!present) return;
    const postgres = engine === 'sqlite' ? null : await freshDatabase(await serverOf(engine));
    world = await makeWorld(postgres === null ? {} : { postgres });
    rows = postgres === null ? rowsOfSqlite(`${world.folder}/vault.db`) : await rowsOfPostgres(postgres);
  }, 300_000);
  afterAll(async () => {
    await rows?.close();
    await world?.end();
  });

  const add = (code: string, options = how(), role: 'operator' | 'auditor' = 'operator', by = night) =>
    addOperatorByCommand(world.vault, by, { code, role }, options, WAIT());
  const link = (principal: string, options = how(), minutes = 15) =>
    createLinkByCommand(
      world.vault,
      night,
      { tenant: DEPLOYMENT, principal, minutes, replacePasskeys: false },
      options,
      WAIT(),
    );
  const opened = async (outcome: ReturnType<typeof add> | ReturnType<typeof link>) => {
    const one = await outcome;
    if (one.done) throw new Error('the command acted at once');
    return one.change.id;
  };
  const sign = (id: string) => signChange(must(nightOperator).browser, must(nightOperator).key, id);
  const approve = async (who: SteppingUp | undefined, id: string) => {
    const reply = await must(who).browser.call('POST', `/v1/changes/${id}/approve`);
    const body = (await reply.json()) as { checks?: { ok: boolean; code?: string }[] };
    return [reply.status, body.checks?.find(({ ok }) => !ok)?.code];
  };
  const approved = async (id: string) => {
    await sign(id);
    expect(await approve(day, id)).toEqual([200, undefined]);
    return id;
  };
  const codes = async () =>
    (await world.vault.db.read((at) => at.principals.all(DEPLOYMENT), WAIT())).map(({ name }) =>
      Buffer.from(name).toString(),
    );

  it.runIf(present)('adds its first operators at once: no one else could confirm', async () => {
    const first = await add('night-shift');
    if (!first.done) throw new Error('the first operator waits');
    nightOperator = await withPasskey(world, DEPLOYMENT, first.result);
    const second = await add('day-shift');
    if (!second.done) throw new Error('the second operator waits');
    expect(await link(second.result)).toMatchObject({ done: true });
    day = await withPasskey(world, DEPLOYMENT, second.result);
    const [event] = (await eventsOf(world, DEPLOYMENT)).filter(({ object }) => object['id'] === second.result);
    expect(event?.object).toEqual({ type: 'person', id: second.result, roles: 'operator', code: 'day-shift' });
  });

  it.runIf(present)('adds another once an operator signed and a second one confirmed, exactly once', async () => {
    const outcome = await add('ops-3');
    if (outcome.done) throw new Error('the command acted at once');
    const { change, confirmer, signs, body } = outcome;
    expect([change.state, confirmer, signs, change.mac]).toEqual(['OPEN', 'operator', true, null]);
    expect(await codes()).not.toContain('ops-3');
    await expect(add('ops-3', how(change.id))).rejects.toMatchObject({ code: 'conflict' });
    expect(await approve(day, change.id)).toEqual([403, 'change_unsigned']);
    await sign(change.id);
    expect(await approve(nightOperator, change.id)).toEqual([403, 'own_change']);
    const seen = await (await must(day).browser.call('GET', `/v1/changes/${change.id}`)).json();
    expect(seen).toMatchObject({
      ...{ tenant: DEPLOYMENT, kind: 'operator', note: '', proposer: 'night-shift', confirmer: 'operator' },
      facts: [
        { name: 'code', value: 'ops-3' },
        { name: 'role', value: 'operator' },
      ],
    });
    const all = (await (await must(day).browser.call('GET', '/v1/changes')).json()) as { data: { id: string }[] };
    expect(all.data.map(({ id }) => id)).toContain(change.id);
    expect(await approve(day, change.id)).toEqual([200, undefined]);
    expect(await readOutcome(world.vault, change.id, WAIT())).toMatchObject({ change: { state: 'APPROVED' } });
    // Another act, another operator, another role.
    await expect(add('ops-4', how(change.id))).rejects.toMatchObject({ code: 'conflict' });
    await expect(add('ops-3', how(change.id), 'auditor')).rejects.toMatchObject({ code: 'conflict' });
    await expect(add('ops-3', how(change.id), 'operator', operatorActor('day-shift'))).rejects.toMatchObject({
      code: 'not_found',
    });
    const both = await Promise.allSettled([add('ops-3', how(change.id)), add('ops-3', how(change.id))]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(add('ops-3', how(change.id))).rejects.toMatchObject({ code: 'conflict' });
    expect((await codes()).filter((code) => code === 'ops-3')).toHaveLength(1);
    const events = (await eventsOf(world, DEPLOYMENT)).filter(
      ({ object }) => object['change'] === change.id || object['id'] === change.id,
    );
    expect(events.map(({ action }) => action)).toEqual([
      ...['change.proposed', 'change.signed', 'change.approved', 'operator.added', 'change.applied'],
    ]);
    expect(events[0]?.detail).toBeUndefined();
    expect(events[3]?.object).toMatchObject({ id: body.person, code: 'ops-3', change: change.id });
    expect(await effectsInLog(world, DEPLOYMENT, change.id)).toBe(change.effects);
  });

  it.runIf(present)('confirms a link, but not by whom it is for', async () => {
    const ids = await world.vault.db.read((at) => at.principals.all(DEPLOYMENT), WAIT());
    const third = ids.find(({ name }) => Buffer.from(name).toString() === 'ops-3')?.id ?? '';
    const id = await opened(link(third));
    await approved(id);
    await expect(link(third, how(id), 16)).rejects.toMatchObject({ code: 'conflict' });
    expect(await link(third, how(id))).toMatchObject({ done: true });
    const [again] = await world.vault.db.read((at) => at.changes.page(DEPLOYMENT, 'APPLIED', null, 1), WAIT());
    expect(again?.id).toBe(id);
    const own = await opened(
      createLinkByCommand(
        world.vault,
        night,
        { tenant: DEPLOYMENT, principal: must(day).id, minutes: 15, replacePasskeys: true },
        how(),
        WAIT(),
      ),
    );
    await sign(own);
    expect(await approve(day, own)).toEqual([403, 'grants_to_you']);
  });

  it.runIf(present)('shows its changes to operators alone, and takes no reason', async () => {
    const added = await add('auditor-1', how(null, true), 'auditor');
    if (!added.done) throw new Error('alone acts at once');
    auditor = await withPasskey(world, DEPLOYMENT, added.result);
    const admin = await withPasskey(world, world.harbour.tenant, world.harbour.admin.id);
    const id = await opened(add('ops-5'));
    await sign(id);
    for (const other of [auditor, admin]) {
      const seen = await must(other).browser.call('GET', `/v1/changes/${id}`);
      expect([403, 404]).toContain(seen.status);
      expect([403, 404]).toContain((await approve(other, id))[0]);
    }
    await stepUp(must(day));
    const refuse = (json: object) => must(day).browser.call('POST', `/v1/changes/${id}/refuse`, { json });
    const withReason = await refuse({ reason: 'ask Mrs Wang first' });
    expect([withReason.status, await withReason.text()]).toEqual([400, expect.stringContaining('no key to seal')]);
    expect((await refuse({})).status).toBe(200);
    expect(await readOutcome(world.vault, id, WAIT())).toMatchObject({ change: { state: 'REFUSED' }, reason: null });
    await expect(add('ops-5', how(id))).rejects.toMatchObject({ code: 'conflict' });
    const listed = await listChangesByCommand(world.vault, DEPLOYMENT, null, WAIT());
    expect(listed.find(({ change }) => change.id === id)).toMatchObject({ note: '', proposer: 'night-shift' });
  });

  it.runIf(present)('goes on with an interrupted rebuild while its approval lasts', async () => {
    const { tenant } = world.harbour;
    const place = world.vault.settings.location;
    const row = await world.vault.db.read((at) => at.tenants.find(tenant), WAIT());
    const trusted = { keys: [row?.key?.id ?? ''], minimumWrap: 1 };
    const begin = (options = how(), given = trusted) =>
      beginRebuild(world.vault, night, { tenant, place, described: null }, given, options, WAIT());
    const outcome = await begin();
    if (outcome.done) throw new Error('the command acted at once');
    const id = outcome.change.id;
    await expect(begin(how(id))).rejects.toMatchObject({ code: 'conflict' });
    await approved(id);
    await expect(begin(how(id), { ...trusted, minimumWrap: 2 })).rejects.toMatchObject({ code: 'conflict' });
    expect(await begin(how(id))).toMatchObject({ done: true });
    expect(await begin(how(id))).toMatchObject({ done: true });
    const began = (await eventsOf(world, DEPLOYMENT)).filter(({ action }) => action === 'vault.rebuilding');
    expect(began.map(({ object }) => [object['id'], object['change']])).toEqual([[tenant, id]]);
    await expect(begin(how(id), { ...trusted, minimumWrap: 2 })).rejects.toMatchObject({ code: 'conflict' });
  });

  const forgeries: readonly [string, (open: Row) => Row][] = [
    ['approved by SQL', () => ({ state: 'APPROVED', decider: must(day).id, decided: new Date().toISOString() })],
    ['signed by SQL', () => ({ signed: new Date().toISOString() })],
    ['with another body', () => ({ body: Buffer.from('{"code":"evil","kind":"operator"}') })],
    ['with another base', () => ({ base: '0'.repeat(64) })],
    ['with a later end', () => ({ expires: '2099-01-01T00:00:00.000Z' })],
    ['with words', () => ({ note: Buffer.from('{"text":"approve this"}') })],
    ['of another proposer', () => ({ proposer: 'day-shift' })],
    ['at another event', ({ leaf_index: at }) => ({ leaf_index: Number(at) - 1 })],
  ];
  it.runIf(present)('lets no change count that was edited, and verify names it', async () => {
    const id = await opened(add('ops-6'));
    const [open] = (await rows.all('change')).filter((row) => row['id'] === id);
    for (const [name, forge] of forgeries) {
      const edit = forge(must(open));
      await rows.set('change', { id }, edit);
      await expect(add('ops-6', how(id)), name).rejects.toMatchObject({
        code: expect.stringMatching(/^(integrity|conflict|not_found)$/),
      });
      expect((await approve(day, id))[0], name).toBeGreaterThanOrEqual(403);
      const found = await checkPeople(world.vault, WAIT());
      expect(found, name).toEqual([different(id)]);
      await rows.set('change', { id }, Object.fromEntries(Object.keys(edit).map((column) => [column, open?.[column]])));
    }
    expect(await checkPeople(world.vault, WAIT())).toEqual([]);
    await approved(id);
    // What ended does not come back: its end is in the log.
    expect(await add('ops-6', how(id))).toMatchObject({ done: true });
    await rows.set('change', { id }, { state: 'APPROVED' });
    await expect(add('ops-7', how(id))).rejects.toMatchObject({ code: 'integrity' });
    expect(await checkPeople(world.vault, WAIT())).toHaveLength(1);
    await rows.set('change', { id }, { state: 'APPLIED' });
    // What an ended change says is what was proposed, too.
    for (const edit of [{ body: Buffer.from('{"kind":"people"}') }, { reason: Buffer.from('{"text":"by whom?"}') }]) {
      await rows.set('change', { id }, edit);
      expect((await must(day).browser.call('GET', `/v1/changes/${id}`)).status).toBe(500);
      expect(await checkPeople(world.vault, WAIT())).toEqual([different(id)]);
      await rows.set('change', { id }, { body: open?.['body'], reason: null });
    }
    // A row without any event.
    const copy = { ...open, id: newId('chg'), state: 'APPROVED' };
    await rows.insert('change', copy);
    await expect(add('ops-6', how(String(copy.id)))).rejects.toMatchObject({ code: 'integrity' });
    await rows.remove('change', { id: copy.id });
  });

  it.runIf(present)('lends no change the signature or approval of another one', async () => {
    const [lent, id] = [await opened(add('ops-8')), await opened(add('ops-9'))];
    await approved(lent);
    const events = (await eventsOf(world, DEPLOYMENT)).filter(
      ({ action, object }) => object['id'] === lent && /^change\.(signed|approved)$/.test(action),
    );
    // What finds an event is not hashed, and takes inserts.
    for (const { seq } of events) await rows.insert('audit_subject', { log: DEPLOYMENT, recording: id, seq });
    const [from] = (await rows.all('change')).filter((row) => row['id'] === lent);
    const copied = ['state', 'signed', 'decider', 'decided', 'expires'].map((name) => [name, from?.[name]]);
    await rows.set('change', { id }, Object.fromEntries(copied));
    await expect(add('ops-9', how(id))).rejects.toMatchObject({ code: 'integrity' });
    expect(await checkPeople(world.vault, WAIT())).toEqual([different(id)]);
    await rows.remove('change', { id });
    expect(await add('ops-8', how(lent))).toMatchObject({ done: true });
  });

  it.runIf(present)('counts no event beyond the size of the log', async () => {
    const id = await opened(add('ops-10'));
    const [signed] = (await rows.all('audit_event')).filter((row) => String(row['leaf']).includes('change.signed'));
    const proposed = (await eventsOf(world, DEPLOYMENT)).findLast(({ object }) => object['id'] === id);
    for (const [seq, action] of [
      [8e15, 'change.signed'],
      [8e15 + 1, 'change.approved'],
    ] as const) {
      const actor = { type: 'operator', id: must(day).id, auth: 'sign-in' };
      const leaf = canonicalBytes({ ...proposed, seq, action, actor, log: `vault.example/${DEPLOYMENT}` });
      await rows.insert('audit_event', { ...signed, log: DEPLOYMENT, seq, leaf, hash: leafHash(leaf) });
      await rows.insert('audit_subject', { log: DEPLOYMENT, recording: id, seq });
    }
    const now = new Date().toISOString();
    await rows.set('change', { id }, { state: 'APPROVED', decider: must(day).id, decided: now, signed: now });
    await expect(add('ops-10', how(id))).rejects.toMatchObject({ code: 'integrity' });
    await rows.remove('change', { id });
  });

  it.runIf(present)('knows its operators by the log, whatever became of their rows', async () => {
    for (const edit of [
      { leaf_index: 0 },
      { roles: 'auditor' },
      { state: 'OFF' },
      { name: Buffer.from('night-shift') },
    ]) {
      const [row] = (await rows.all('principal')).filter((one) => one['id'] === must(day).id);
      await rows.set('principal', { id: must(day).id }, edit);
      expect(await add('ops-11')).toMatchObject({ done: false });
      await rows.set(
        'principal',
        { id: must(day).id },
        Object.fromEntries(Object.keys(edit).map((c) => [c, row?.[c]])),
      );
    }
    const [row] = (await rows.all('principal')).filter((one) => one['id'] === must(day).id);
    await rows.remove('principal', { id: must(day).id });
    expect(await add('ops-11')).toMatchObject({ done: false });
    await rows.insert('principal', must(row));
    await expect(add('ops-11', how(), 'operator', operatorActor('ghost'))).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('no active operator has this staff code'),
    });
  });

  it.runIf(present)('adds one person of a code, and lets no more wait than it can', async () => {
    const ids = [await opened(add('twin')), await opened(add('twin')), await opened(add('twin'))];
    for (const id of ids) await approved(id);
    await Promise.allSettled(ids.map((id) => add('twin', how(id))));
    expect((await codes()).filter((code) => code === 'twin')).toHaveLength(1);
    const open = () => world.vault.db.read((at) => at.changes.countOpen(DEPLOYMENT), WAIT());
    const left = MAX_OPEN_CHANGES - (await open());
    const many = await Promise.allSettled(Array.from({ length: left + 5 }, (_, n) => add(`many-${n}`)));
    expect(many.filter(({ status }) => status === 'fulfilled')).toHaveLength(left);
    expect(await open()).toBe(MAX_OPEN_CHANGES);
  });
});

function different(subject: string) {
  return { kind: 'row_differs', tenant: DEPLOYMENT, subject, row: 'change', why: 'differs' };
}

function must<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('not set up');
  return found;
}
