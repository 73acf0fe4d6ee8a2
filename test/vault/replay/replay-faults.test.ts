// Replays that find something wrong, are cut, or meet each other; and entries of what was erased.
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { newId } from '../../../src/bytes/ids.ts';
import { sealEntry } from '../../../src/envelope/amendments/entry.ts';
import { VaultError } from '../../../src/errors.ts';
import { PASSES } from '../../../src/model/erasure.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import { replayDueEntries } from '../../../src/vault/replay/replay-entries.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { needs } from '../../support/needs.ts';
import { amend, counted, eventsOf, put, stateOf } from '../../support/replayed-calls.ts';
import { putEntries, type Restorable, restorable, startUp, tenantRow } from '../../support/restorable.ts';

const ENGINES = [
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...needs('postgresql') },
] as const;

describe.each(ENGINES)('a replay, on $engine $reason', ({ engine, present }) => {
  const test = it.skipIf(!present);
  let of: Restorable;
  let tenant: string;
  afterEach(async () => of?.remove());

  const file = (path: string): string => join(of.deployment.store, path);
  const read = <T>({ db }: Vault, work: Parameters<typeof db.read<T>>[0]): Promise<T> => db.read(work, minuteSignal());
  const lastOf = async (vault: Vault, id: string): Promise<number> =>
    (await read(vault, (rows) => rows.amendments.last(tenant, id)))?.n ?? 0;
  const quarantineOf = async (vault: Vault, id: string) =>
    (await read(vault, (rows) => rows.recordings.find(tenant, id)))?.quarantine;
  const markOf = (vault: Vault) => read(vault, (rows) => rows.replays.mark(tenant));
  const replays = async (vault: Vault): Promise<number> =>
    (await eventsOf(vault, tenant)).filter(({ leaf }) => Buffer.from(leaf).includes('"amendment.replayed"')).length;
  const later = (vault: Vault, minutes: number): Vault => ({
    ...vault,
    clock: { ...vault.clock, now: () => Date.now() + minutes * 60_000 },
  });
  const round = (vault: Vault) => replayDueEntries(vault, minuteSignal());

  /** Two calls, of which each has an entry in the backup; then three more of the first and one of the second. */
  async function yesterday() {
    of = await restorable(engine);
    tenant = of.people.tenant;
    let run = await of.start();
    await startUp(run.vault);
    const [one, two] = [await put(run, of, 'call-1'), await put(run, of, 'call-2')];
    for (const id of [one, two]) await amend(run.vault, tenant, id, { agent: 'B' });
    const [known = ''] = await putEntries(run.vault, tenant);
    await of.backUp();
    run = await of.start();
    await startUp(run.vault);
    for (const agent of ['C', 'D', 'E']) await amend(run.vault, tenant, one, { agent });
    await amend(run.vault, tenant, two, { agent: 'F' });
    const paths = await putEntries(run.vault, tenant);
    const unknown = paths.filter((path) => path.includes(one)).sort();
    const before = [await stateOf(run.vault, tenant, one), await stateOf(run.vault, tenant, two)];
    await of.restore();
    const states = async (vault: Vault) => [await stateOf(vault, tenant, one), await stateOf(vault, tenant, two)];
    return { one, two, known, unknown, before, states };
  }

  test('stops at a gap, goes on with other streams, and completes once the blob is back', async () => {
    const { one, two, unknown, before, states } = await yesterday();
    await rename(file(unknown[1] ?? ''), file('away'));
    const { vault } = await of.start();
    const mark = new Date(Date.now() - 600_000).toISOString();
    const read0 = await markOf(vault);
    expect(await vault.db.note((notes) => notes.replays.moveMark(tenant, read0, mark), minuteSignal())).toBe(true);
    expect(await startUp(vault)).toEqual(['replay entries: integrity']);
    expect([await lastOf(vault, one), await lastOf(vault, two)]).toEqual([2, 2]);
    expect([await quarantineOf(vault, one), await quarantineOf(vault, two)]).toEqual([['integrity'], []]);
    expect(await markOf(vault)).toBe(mark);
    expect(await round(vault)).toBe(0);
    await expect(round(later(vault, 6))).rejects.toMatchObject({ code: 'integrity' });
    await rename(file('away'), file(unknown[1] ?? ''));
    expect(await round(later(vault, 12))).toBe(2);
    const [first] = before;
    if (first === null || first === undefined) throw new Error('no state');
    expect(await states(vault)).toEqual([{ ...first, quarantine: ['integrity'] }, before[1]]);
    expect(await markOf(vault)).not.toBe(mark);
  });

  test.each([
    ['an entry that is damaged', async (path: string) => writeFile(path, (await readFile(path)).fill(0x20, 90, 91))],
    ['an entry with two names', async (path: string) => copyTo(path, path.replace(/\d{10}/, '2031010100'))],
    ['number 0', async (path: string) => copyTo(path, path.replace(/-\d{8}/, '-00000000'))],
  ])('stops at %s', async (name, spoil) => {
    const { one, two, unknown } = await yesterday();
    await spoil(file(unknown[1] ?? ''));
    const { vault } = await of.start();
    expect(await startUp(vault)).toEqual(['replay entries: integrity']);
    expect([await lastOf(vault, one), await lastOf(vault, two)]).toEqual([name === 'number 0' ? 1 : 2, 2]);
    expect(await quarantineOf(vault, one)).toEqual(['integrity']);
  });

  test('finds a fork by the hours of names, and reads neither entry', async () => {
    const { one, known } = await yesterday();
    const { vault } = await of.start();
    expect(await startUp(vault)).toEqual([]);
    const other = known.includes(one) ? 1 : 0;
    await copyTo(file(known), file(known).replace(/\/\d{10}\//, '/2031010100/'));
    const { vault: next, read: got } = counted((await of.start()).vault);
    expect(await startUp(next)).toEqual(['replay entries: integrity']);
    expect(got).toEqual([]);
    const quarantined = [await quarantineOf(next, one)].flat().length;
    expect(quarantined).toBe(other);
  });

  test('serves nothing of a tenant whose own stream has a fault, until it is gone', async () => {
    const { one } = await yesterday();
    let { vault } = await of.start();
    const row = await tenantRow(vault, tenant);
    const key = await vault.metadataKeys.get(row, minuteSignal());
    const stream = { tenant, subject: tenant, event: newId('evt') };
    // An op of a later version.
    const body = { v: 1, op: 'later', why: 'later.made', by: 'usr_x' };
    const { path, bytes } = sealEntry(key, { ...stream, body }, null, new Date().toISOString());
    for (const planted of [bytes, Buffer.from('{}')]) {
      await mkdir(dirname(file(path)), { recursive: true });
      await writeFile(file(path), planted);
      ({ vault } = await of.start());
      expect(await startUp(vault)).toEqual(['replay entries: integrity']);
      await expect(vault.metadataKeys.get(row, minuteSignal())).rejects.toMatchObject({ code: 'not_available' });
      expect(vault.replayGate.isOpen(tenant)).toBe(false);
      await expect(round(vault)).rejects.toMatchObject({ code: 'integrity' });
    }
    await rm(file(path));
    expect(await round(vault)).toBe(0);
    expect(vault.replayGate.isOpen(tenant)).toBe(true);
    expect(await lastOf(vault, one)).toBe(4);
    await amend(vault, tenant, one, { agent: 'G' });
  });

  test('leaves entries of a recording without a row to a rebuild', async () => {
    const { one } = await yesterday();
    const run = await of.start();
    await startUp(run.vault);
    await of.backUp();
    const before = await of.start();
    await startUp(before.vault);
    const later3 = await put(before, of, 'call-3');
    await amend(before.vault, tenant, later3, { agent: 'X' });
    await putEntries(before.vault, tenant);
    await of.restore();
    const { vault, read: got } = counted((await of.start()).vault);
    expect(await startUp(vault)).toEqual([]);
    expect(got).toEqual([]);
    expect([await lastOf(vault, later3), await lastOf(vault, one)]).toEqual([0, 4]);
    expect(vault.replayGate.isOpen(tenant)).toBe(true);
  });

  test('completes after a store that failed in the middle, and after a process that died', async () => {
    const { before, states } = await yesterday();
    for (const most of [0, 1, 2]) {
      const { vault } = await of.start();
      let left = most;
      const get: Vault['store']['get'] = (place, path, ...rest) => {
        if (!path.includes('/a/')) return vault.store.get(place, path, ...rest);
        left -= 1;
        if (left < 0) throw new VaultError('store_unavailable', 'planted');
        return vault.store.get(place, path, ...rest);
      };
      const cut = { ...vault, store: { ...vault.store, get } };
      expect(await startUp(cut)).toEqual(['replay entries: store_unavailable']);
      expect(cut.replayGate.isOpen(tenant)).toBe(false);
    }
    const { vault } = await of.start();
    expect(await startUp(vault)).toEqual([]);
    expect(await states(vault)).toEqual(before);
    expect(await replays(vault)).toBe(4);
  });

  test('applies each entry once where two processes start at once', async () => {
    const { before, states } = await yesterday();
    const [one, two] = [await of.start(), await of.start()];
    expect(await Promise.all([startUp(one.vault), startUp(two.vault)])).toEqual([[], []]);
    expect(await states(one.vault)).toEqual(before);
    expect(await replays(one.vault)).toBe(4);
  });

  test('runs the passes of an erasure again over the hours of entries that it finds', async () => {
    const { one, unknown } = await yesterday();
    let run = await of.start();
    await eraseRecording(
      run.vault,
      operatorActor('op-1'),
      { tenant, recording: one, reason: 'request' },
      minuteSignal(),
    );
    const erasure = () => read(run.vault, (rows) => rows.erasures.find(tenant, one));
    const [, hour = ''] = /\/a\/(\d{10})\//.exec(unknown[0] ?? '') ?? [];
    const planned = await erasure();
    expect(planned).toMatchObject({ hours: hour, pass: PASSES.first });
    // Its passes know the hour, and still come.
    expect(await startUp(run.vault)).toEqual([]);
    expect(await erasure()).toEqual(planned);
    for (const pass of [0, 1, 2]) {
      const now = { tenant, recording: one, pass } as NonNullable<Awaited<ReturnType<typeof erasure>>>;
      await run.vault.db.note((n) => n.erasures.passDone(now, pass === 2 ? null : '2026'), minuteSignal());
    }
    const stranger = file(unknown[0] ?? '').replace(/\/\d{10}\//, '/2031010100/');
    await copyTo(file(unknown[0] ?? ''), stranger);
    run = await of.start();
    const { vault, read: got } = counted(run.vault);
    expect(await startUp(vault)).toEqual([]);
    expect(got).toEqual([]);
    expect(await erasure()).toMatchObject({ hours: `${hour},2031010100`, pass: PASSES.first });
    expect((await erasure())?.due).not.toBeNull();
    expect(await lastOf(vault, one)).toBe(0);
  });
});

async function copyTo(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}
