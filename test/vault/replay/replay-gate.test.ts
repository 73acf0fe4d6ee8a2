// Who may change a stream, and when: only after a replay that began after the process started.
import { afterEach, describe, expect, it } from 'vitest';
import { createApp } from '../../../src/http/app.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { openGates } from '../../../src/vault/replay/questions.ts';
import { replayDueEntries } from '../../../src/vault/replay/replay-entries.ts';
import { runStartupTasks } from '../../../src/work.ts';
import { requestAndOpen } from '../../support/fault-client.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { needs } from '../../support/needs.ts';
import { amend, counted, put, stateOf } from '../../support/replayed-calls.ts';
import { putEntries, type Restorable, restorable, startUp } from '../../support/restorable.ts';

const ENGINES = [
  { engine: 'sqlite', present: true, reason: '' },
  { engine: 'postgresql', ...needs('postgresql') },
] as const;
const MINUTE = 60_000;

describe.each(ENGINES)('the gate of a process, on $engine $reason', ({ engine, present }) => {
  const test = it.skipIf(!present);
  let of: Restorable;
  let tenant: string;
  afterEach(async () => of?.remove());

  const waiting = (vault: Vault): Vault => ({ ...vault, settings: { ...vault.settings, role: 'listen' } });
  const lingering = (vault: Vault): Vault => ({ ...vault, store: { ...vault.store, lingerMs: 3 * MINUTE } });
  const atMinute = (vault: Vault, minutes: number): Vault => ({
    ...vault,
    clock: { ...vault.clock, now: () => Date.now() + minutes * MINUTE },
  });
  const markOf = ({ db }: Vault) => db.read((rows) => rows.replays.mark(tenant), minuteSignal());
  const ageMark = async (vault: Vault, minutes: number): Promise<string> => {
    const [from, to] = [await markOf(vault), new Date(Date.now() - minutes * MINUTE).toISOString()];
    expect(await vault.db.note((notes) => notes.replays.moveMark(tenant, from, to), minuteSignal())).toBe(true);
    return to;
  };
  const begin = async () => {
    of = await restorable(engine);
    tenant = of.people.tenant;
    const run = await of.start();
    await startUp(run.vault);
    return { run, recording: await put(run, of, 'call-1') };
  };

  test('that does not settle opens when one answers that has replayed, and reading does not wait', async () => {
    const { run, recording } = await begin();
    const session = await requestAndOpen(run.url, of.people, recording, 'quality');
    const other = waiting((await of.start()).vault);
    const app = createApp(other);
    const send = (method: string, path: string, body?: object) =>
      app.request(path, {
        method,
        headers: {
          authorization: `Bearer ${of.people.reviewer}`,
          'content-type': 'application/json',
          'accept-language': 'zh-CN',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    const note = { start_ms: 0, category: 'note', visibility: 'team', text: 'a note' };
    const comment = () => send('POST', `/v1/sessions/${session}/comments`, note);
    const { vault: looked, listed } = counted(other);
    await runStartupTasks(looked, (_, error) => {
      throw error;
    });
    for (let round = 0; round < 3; round++) expect(await openGates(looked, minuteSignal())).toBe(0);
    const refused = await comment();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ code: 'not_available', detail: expect.stringContaining('稍后') });
    expect((await send('GET', `/v1/sessions/${session}/comments`)).status).toBe(200);
    expect((await send('GET', `/v1/recordings/${recording}`)).status).toBe(200);

    expect(await openGates(run.vault, minuteSignal())).toBe(0);
    expect(await openGates(looked, minuteSignal())).toBe(1);
    expect((await comment()).status).toBe(201);
    expect(listed).toEqual([]);
  });

  test('is not opened by an answer that the backup has', async () => {
    const { run } = await begin();
    const asker = waiting((await of.start()).vault);
    await openGates(asker, minuteSignal());
    await openGates(run.vault, minuteSignal());
    expect(await openGates(asker, minuteSignal())).toBe(1);
    await of.backUp();
    await of.restore();
    const next = waiting((await of.start()).vault);
    for (let round = 0; round < 3; round++) expect(await openGates(next, minuteSignal())).toBe(0);
    // A process that settles does not answer before its own replay.
    const work = (await of.start()).vault;
    await openGates(work, minuteSignal());
    expect(await openGates(next, minuteSignal())).toBe(0);
    expect(await startUp(work)).toEqual([]);
    await openGates(work, minuteSignal());
    expect(await openGates(next, minuteSignal())).toBe(1);
  });

  test('waits after a restore until no earlier write can come, and lists again then', async () => {
    const { run, recording } = await begin();
    await amend(run.vault, tenant, recording, { agent: 'B' });
    await putEntries(run.vault, tenant);
    await ageMark(run.vault, 16);
    await of.backUp();
    const lost = (await of.start()).vault;
    await startUp(lost);
    for (const agent of ['C', 'D']) await amend(lost, tenant, recording, { agent });
    const before = await stateOf(lost, tenant, recording);
    // The second entry's blob comes after the first list of the next process.
    const rows = await lost.db.read((all) => all.amendments.page(tenant, recording, 2, 1), minuteSignal());
    const [late] = rows;
    const paths = await putEntries(lost, tenant);
    await lost.store.delete({ region: '', bucket: '', prefix: '' }, paths[1] ?? '', minuteSignal());
    await of.restore();

    const vault = lingering((await of.start()).vault);
    const mark = await markOf(vault);
    expect(await startUp(vault)).toEqual([]);
    expect(vault.replayGate.isOpen(tenant)).toBe(false);
    await expect(amend(vault, tenant, recording, { agent: 'E' })).rejects.toMatchObject({ code: 'not_available' });
    expect(await replayDueEntries(atMinute(vault, 2), minuteSignal())).toBe(0);
    expect([vault.replayGate.isOpen(tenant), await markOf(vault)]).toEqual([false, mark]);
    if (late === undefined) throw new Error('no row');
    await vault.store.put({ region: '', bucket: '', prefix: '' }, paths[1] ?? '', late.entry, 'late', minuteSignal());
    expect(await replayDueEntries(atMinute(vault, 4), minuteSignal())).toBe(1);
    expect(vault.replayGate.isOpen(tenant)).toBe(true);
    expect(await markOf(vault)).not.toBe(mark);
    expect(await stateOf(vault, tenant, recording)).toEqual(before);
    await amend(vault, tenant, recording, { agent: 'E' });
  });

  test('opens at once after an ordinary restart, and the mark stays young without a list', async () => {
    const { run } = await begin();
    await ageMark(run.vault, 14);
    await of.stop();
    const { vault, listed } = counted(lingering((await of.start()).vault));
    expect(await startUp(vault)).toEqual([]);
    expect(vault.replayGate.isOpen(tenant)).toBe(true);
    await replayDueEntries(atMinute(vault, 4), minuteSignal());
    expect(listed).toHaveLength(2);
    const mark = await ageMark(vault, 6);
    // A mark that is older than what the process knows: the database was exchanged under it.
    await replayDueEntries(atMinute(vault, 5), minuteSignal());
    expect(listed).toHaveLength(3);
    expect(await markOf(vault)).not.toBe(mark);
    for (const minutes of [10, 20, 30]) await replayDueEntries(atMinute(vault, minutes), minuteSignal());
    expect(listed).toHaveLength(3);
    await replayDueEntries(atMinute(vault, 70), minuteSignal());
    expect(listed).toHaveLength(4);
  });
});
