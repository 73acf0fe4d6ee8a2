// Yesterday's database: holds that it lacks come back from the bucket before anything is erased.
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { holdContinuer } from '../../../src/vault/holds/continue-holds.ts';
import { replayFirst } from '../../../src/vault/replay/open-own-gate.ts';
import { replayDueEntries } from '../../../src/vault/replay/replay-entries.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { erased, heldState, lifted, officerOf, placed } from '../../support/held.ts';
import { needs } from '../../support/needs.ts';
import { amend, put } from '../../support/replayed-calls.ts';
import { putEntries, type Restorable, restorable, startUp } from '../../support/restorable.ts';
import { eventsIn } from '../../support/sealed-deployment.ts';

const ENGINES = [
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...needs('postgresql') },
] as const;

describe.each(ENGINES)('holds of a restored database, on $engine $reason', ({ engine, present }) => {
  const test = it.skipIf(!present);
  let of: Restorable;
  let tenant: string;
  afterEach(async () => of?.remove());

  const state = (vault: Vault) => heldState(vault, tenant, minuteSignal());
  const erase = (vault: Vault, recording: string) => erased(vault, tenant, recording, minuteSignal());

  /** Three calls and a hold of the first in the backup; then the hold gets the second, and two others are placed. */
  async function yesterday() {
    of = await restorable(engine);
    tenant = of.people.tenant;
    let run = await of.start();
    await startUp(run.vault);
    const officer = await officerOf(run.vault, tenant, minuteSignal());
    const [one, two, three] = [await put(run, of, '1'), await put(run, of, '2'), await put(run, of, '3')];
    const known = await placed(run.vault, officer, { recordings: [one, two] }, minuteSignal());
    await putEntries(run.vault, tenant);
    await of.backUp();
    run = await of.start();
    await startUp(run.vault);
    await lifted(run.vault, tenant, known, [two], minuteSignal());
    const rule = await placed(run.vault, officer, { query: { agent: 'B2' }, continuing: true }, minuteSignal());
    await amend(run.vault, tenant, three, { agent: 'B2' });
    await holdContinuer(run.vault)(minuteSignal());
    const ended = await placed(run.vault, officer, { recordings: [one] }, minuteSignal());
    await lifted(run.vault, tenant, ended, undefined, minuteSignal());
    await holdContinuer(run.vault)(minuteSignal());
    await putEntries(run.vault, tenant);
    const before = await state(run.vault);
    await of.restore();
    return { before, one, two, three, rule };
  }

  test('are those of today after the start', async () => {
    const { before, one, two, three, rule } = await yesterday();
    const { vault } = await of.start();
    expect(await state(vault)).not.toEqual(before);
    expect(await startUp(vault)).toEqual([]);
    expect(await erase(vault, two)).toBe('hold_being_placed');
    vault.replayGate.open(tenant);
    await holdContinuer(vault)(minuteSignal());
    expect(await state(vault)).toEqual(before);
    // The log lost the events of the covers: what the checkers know of them is from the replay.
    const covers = (await eventsIn(vault, tenant))
      .filter(({ action, object }) => action === 'amendment.replayed' && object['recordings'] !== undefined)
      .map(({ object }) => ({ id: object.id, recordings: object['recordings'] }));
    expect(covers).toEqual([{ id: rule, recordings: three }]);
    expect([await erase(vault, one), await erase(vault, three), await erase(vault, two)]).toEqual([
      ...['held', 'held', 'erased'],
    ]);
  }, 600_000);

  test('come back once, also by a command before the service has run', async () => {
    const { before, three } = await yesterday();
    const { vault } = await of.start();
    await replayFirst(vault, tenant, minuteSignal());
    expect(await erase(vault, three)).toBe('hold_being_placed');
    expect(await startUp(vault)).toEqual([]);
    vault.replayGate.open(tenant);
    await holdContinuer(vault)(minuteSignal());
    expect(await state(vault)).toEqual(before);
  }, 600_000);

  test('with a gap block all erasing until it is repaired', async () => {
    const { before, two, rule } = await yesterday();
    const { vault } = await of.start();
    const first = (await putEntries(vault, tenant).then(() => listed(vault))).find((path) =>
      path.includes(`${rule}-00000001`),
    );
    const file = join(of.deployment.store, first ?? '');
    await rename(file, `${file}.away`);
    await expect(replayFirst(vault, tenant, minuteSignal())).rejects.toMatchObject({ code: 'integrity' });
    expect(await startUp(vault)).toEqual(['replay entries: integrity']);
    expect(await erase(vault, two)).toBe('held');
    await rename(`${file}.away`, file);
    await replayDueEntries(vault, minuteSignal());
    vault.replayGate.open(tenant);
    await holdContinuer(vault)(minuteSignal());
    expect(await state(vault)).toEqual(before);
    expect(await erase(vault, two)).toBe('erased');
  }, 600_000);

  async function listed({ store }: Vault): Promise<string[]> {
    const paths: string[] = [];
    const place = { region: '', bucket: '', prefix: '' };
    for await (const { path } of store.list(place, `t/${tenant}/a/`, minuteSignal())) paths.push(path);
    return paths;
  }
});
