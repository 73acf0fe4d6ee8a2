// Erasing recordings and changing a tenant's key by command, on an approved change.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CarryOutOptions, marksAtOnce } from '../../src/vault/changes/carry-out.ts';
import { readOutcome } from '../../src/vault/changes/outcome.ts';
import { moveKeyByCommand, retireKeysByCommand } from '../../src/vault/commands/change-key.ts';
import { eraseByCommand } from '../../src/vault/commands/erase-recordings.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import { effectsInLog, eventsOf, type SteppingUp, withPasskey } from '../support/changes.ts';
import { ENGINES } from '../support/engines.ts';
import { outcomeOf } from '../support/rebuilt-tenant.ts';
import { freshDatabase } from '../support/servers/postgres.ts';
import { serverOf } from '../support/servers/servers.ts';
import { wav } from '../support/wav.ts';
import { makeWorld, type World } from '../support/world.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
const night = operatorActor('night-shift');
const HOW: CarryOutOptions = { note: 'night shift', alone: false, change: null };

describe.each(ENGINES)('on $engine, a command $reason', ({ engine, present }) => {
  let world: World;
  let admin: SteppingUp;
  let tenant = '';
  let calls = 0;
  beforeAll(async () => {
    if (!present) return;
    world = await makeWorld(engine === 'sqlite' ? {} : { postgres: await freshDatabase(await serverOf(engine)) });
    tenant = world.harbour.tenant;
    admin = await withPasskey(world, tenant, world.harbour.admin.id);
    await world.deposited(world.harbour, 'call-0', wav(1000));
  }, 300_000);
  afterAll(() => world?.end());

  const call = () => world.deposited(world.harbour, `call-${++calls}`, wav(1000));
  const approve = async (id: string) =>
    expect((await admin.browser.call('POST', `/v1/changes/${id}/approve`)).status).toBe(200);
  const stateOf = async (id: string) => (await readOutcome(world.vault, id, WAIT())).change.state;
  const recording = async (id: string) =>
    (await world.vault.db.read((rows) => rows.recordings.find(tenant, id), WAIT()))?.state;
  const erase = (recordings: readonly string[], how = HOW, reason: 'request' | 'error' = 'request') =>
    eraseByCommand(world.vault, night, { tenant, recordings, reason }, how, WAIT());
  const row = async (of = tenant) => {
    const found = await world.vault.db.read((rows) => rows.tenants.find(of), WAIT());
    if (found === null) throw new Error('no tenant');
    return found;
  };
  const newKey = (how = HOW, of = tenant) =>
    moveKeyByCommand(world.vault, night, { tenant: of, key: null }, how, WAIT());
  const openedBy = async (work: Promise<{ readonly done: boolean }>) => {
    const outcome = await work;
    if (!('change' in outcome)) throw new Error('the command acted at once');
    return outcome.change as { readonly id: string; readonly effects: string };
  };

  it.runIf(present)('erases exactly the recordings that were approved, all at once and once', async () => {
    const [one, two, other] = [await call(), await call(), await call()];
    const { id, effects } = await openedBy(erase([two, one]));
    const seen = (await (await admin.browser.call('GET', `/v1/changes/${id}`)).json()) as object;
    const facts = [
      { name: 'reason', value: 'request' },
      { name: 'recordings', value: [one, two].sort() },
    ];
    expect(seen).toMatchObject({ kind: 'erase', facts });
    await approve(id);
    expect(await recording(one)).toBe('AVAILABLE');
    const change = { ...HOW, change: id };
    expect(await outcomeOf(erase([one], change))).toBe('conflict');
    expect(await outcomeOf(erase([one, two, other], change))).toBe('conflict');
    expect(await outcomeOf(erase([one, two], change, 'error'))).toBe('conflict');
    const outcomes = await Promise.all([1, 2].map(() => outcomeOf(erase([one, two], change))));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    expect([await recording(one), await recording(two), await recording(other)]).toEqual([
      ...(['ERASING', 'ERASING', 'AVAILABLE'] as const),
    ]);
    expect([await stateOf(id), await effectsInLog(world, tenant, id)]).toEqual(['APPLIED', effects]);
    const began = (await eventsOf(world, tenant)).filter(({ object }) => object['change'] === id);
    const rows = await world.vault.db.read(
      async (rows) => [
        (await rows.erasures.find(tenant, one))?.tombstone,
        (await rows.erasures.find(tenant, two))?.tombstone,
      ],
      WAIT(),
    );
    expect(new Set(rows).size).toBe(2);
    expect(began.map(({ action }) => action)).toEqual(['recording.erasing', 'recording.erasing']);
    expect(await outcomeOf(erase([one, two], change))).not.toBe('done');
  });

  it.runIf(present)('proposes no erasure that is not possible, and erases none where one no longer is', async () => {
    const [one, two] = [await call(), await call()];
    expect(await outcomeOf(erase([one, 'rec_01h00000000000000000000000']))).toBe('not_found');
    const { id } = await openedBy(erase([one, two]));
    await approve(id);
    await eraseAlone(two);
    expect(await outcomeOf(erase([one, two], { ...HOW, change: id }))).toBe('erased');
    expect([await recording(one), await stateOf(id)]).toEqual(['AVAILABLE', 'APPROVED']);
  });

  const eraseAlone = async (one: string) => {
    const alone = { ...HOW, alone: true };
    expect(await marksAtOnce(world.vault, night, tenant, alone, WAIT())).toEqual({ alone: 1 });
    expect(await erase([one], alone)).toMatchObject({ done: true });
    expect(
      (await eventsOf(world, tenant)).findLast(({ action }) => action === 'recording.erasing')?.object,
    ).toMatchObject({ id: one, alone: 1 });
  };

  it.runIf(present)('creates no key before the approval, and moves the tenant to a new one after it', async () => {
    const before = await row();
    const { id, effects } = await openedBy(newKey());
    expect(await row()).toEqual(before);
    expect(await outcomeOf(newKey({ ...HOW, change: id }))).toBe('conflict');
    await approve(id);
    const outcomes = await Promise.all([1, 2].map(() => outcomeOf(newKey({ ...HOW, change: id }))));
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(1);
    const after = await row();
    expect([after.wrap, after.key?.id === before.key?.id]).toEqual([before.wrap + 1, false]);
    expect([await stateOf(id), await effectsInLog(world, tenant, id)]).toEqual(['APPLIED', effects]);
    const copy = (await eventsOf(world, 'deployment')).findLast(({ action }) => action === 'key.rotated');
    expect(copy?.object).not.toHaveProperty('change');
  });

  it.runIf(present)('does not use an approval of a key that was changed since', async () => {
    const { id } = await openedBy(newKey());
    await approve(id);
    // A new material or a raised generation needs one person.
    await raiseGeneration(world.vault, night, tenant, WAIT());
    expect(await outcomeOf(newKey({ ...HOW, change: id }))).toBe('conflict');
    expect(await stateOf(id)).toBe('APPROVED');
  });

  it.runIf(present)('retires generations once that is approved', async () => {
    const { yunhai, vault } = world;
    const of = yunhai.tenant;
    const theirs = await withPasskey(world, of, yunhai.admin.id);
    await world.deposited(yunhai, 'call-1', wav(1000));
    const retire = (how = HOW) =>
      retireKeysByCommand(vault, night, { tenant: of, onProgress: () => undefined }, how, WAIT());
    expect(await outcomeOf(retire())).toBe('conflict');
    await raiseGeneration(vault, night, of, WAIT());
    // The recording's keys are older.
    expect(await outcomeOf(retire())).toBe('conflict');
    await rewrapTenant(vault, night, of, { rate: 1000, concurrency: 4, sample: 0 }, () => undefined, WAIT());
    const { id, effects } = await openedBy(retire());
    const { wrap, minimumWrap } = await row(of);
    expect(minimumWrap).toBeLessThan(wrap);
    expect((await theirs.browser.call('POST', `/v1/changes/${id}/approve`)).status).toBe(200);
    expect(await outcomeOf(newKey({ ...HOW, change: id }, of))).toBe('conflict');
    expect(await retire({ ...HOW, change: id })).toMatchObject({ done: true, result: { minimum: wrap } });
    expect((await row(of)).minimumWrap).toBe(wrap);
    expect([await stateOf(id), await effectsInLog(world, of, id)]).toEqual(['APPLIED', effects]);
  });
});
