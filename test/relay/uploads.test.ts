// Uploads: how many at once, and how long the relay waits after which answer. Time is virtual.
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { confirmationCheck, sealedName } from '../../src/relay/names.ts';
import type { UploadAnswer } from '../../src/relay/ports.ts';
import { openSpool } from '../../src/relay/spool.ts';
import { uploadAll } from '../../src/relay/uploads.ts';
import { newDisk } from './model/disk.ts';
import { virtualTime } from './model/time.ts';

const FOLDERS = { spool: '/spool', tmp: '/spool/tmp', rejected: '/spool/rejected' };
const BODY = Buffer.from('sealed');
const digest = createHash('sha256').update(BODY).digest('hex');
const STORED: UploadAnswer = { status: 201, json: { size: BODY.length, sha256: digest }, retryAfterMs: null };
const problem = (status: number, code: string, retryAfterMs: number | null = null): UploadAnswer => ({
  status,
  json: { code },
  retryAfterMs,
});

const idOf = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Uploads `count` files, each for a second; `answer` gets the number of the file and of its attempt, from 0. */
async function run(count: number, seconds: number, answer: (n: number, attempt: number) => UploadAnswer | Error) {
  const time = virtualTime();
  const disk = newDisk(() => 0);
  const name = (n: number) => sealedName({ id: idOf(n), check: confirmationCheck(idOf(n), BODY.length, digest) });
  for (let n = 0; n < count; n++) disk.write(`/spool/${name(n)}`, BODY);
  const files = disk.files(
    () => Promise.resolve(),
    () => 1e9,
  );
  const clock = time.clock(() => 0);
  const spool = openSpool(files, FOLDERS, clock.now);
  await spool.refresh();
  const attempts: { readonly n: number; readonly at: number }[] = [];
  let [running, most] = [0, 0];
  const ended = new AbortController();
  const done = uploadAll(
    {
      ...{ files, folders: FOLDERS, spool, clock, random: () => 0, passMs: 500 },
      events: { stored: () => undefined, rejected: () => undefined, later: () => undefined },
      upload: async (id, _file, signal) => {
        const n = Number(id.slice(-12));
        const attempt = attempts.filter((one) => one.n === n).length;
        attempts.push({ n, at: time.now() });
        running += 1;
        most = Math.max(most, running);
        await clock.sleep(1_000, signal);
        running -= 1;
        const answered = answer(n, attempt);
        if (answered instanceof Error) throw answered;
        return answered;
      },
    },
    ended.signal,
  );
  await time.runUntil(seconds * 1_000);
  ended.abort();
  await time.runUntil(seconds * 1_000 + 10_000);
  await done;
  return { attempts, most, left: disk.paths() };
}

describe('the spool', () => {
  it('counts the age of a call from when the clock went back', async () => {
    const disk = newDisk(() => 0);
    const files = disk.files(
      () => Promise.resolve(),
      () => 1e9,
    );
    let now = 2_000_000_000_000;
    const spool = openSpool(files, FOLDERS, () => now);
    const name = sealedName({ id: idOf(1), check: confirmationCheck(idOf(1), BODY.length, digest) });
    disk.write(`/spool/${name}`, BODY);
    spool.add({ name, id: idOf(1), size: BODY.length });
    expect(spool.counts().oldest).toBe(now);
    now = 1_800_000_000_000;
    await spool.refresh();
    now += 900_000;
    await spool.refresh();
    expect(spool.counts().oldest).toBe(1_800_000_000_000);
  });
});

describe('uploads', () => {
  it('are four at a time, and delete each file once the vault confirmed it', async () => {
    const { attempts, most, left } = await run(10, 30, () => STORED);
    expect(most).toBe(4);
    expect(attempts).toHaveLength(10);
    expect(left).toEqual([]);
  });

  it('try one file after an outage, with a growing delay, and then all', async () => {
    let answered = 0;
    const { attempts, left } = await run(8, 120, () => (answered++ < 6 ? null : STORED));
    expect(left).toEqual([]);
    const times = attempts.map(({ at }) => at);
    // Four at the start, then one at a time; the delays double.
    expect(times.slice(0, 4)).toEqual([0, 0, 0, 0]);
    const [, , , first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(2_000);
    expect(third - second).toBeGreaterThanOrEqual(3_000);
  });

  it('wait as long as the vault asks', async () => {
    const { attempts } = await run(1, 100, (_n, attempt) =>
      attempt === 0 ? problem(503, 'store_unavailable', 60_000) : STORED,
    );
    expect(attempts).toHaveLength(2);
    expect(attempts[1]?.at).toBeGreaterThanOrEqual(61_000);
  });

  it.each<[string, UploadAnswer | Error]>([
    ['a file whose key the vault does not know', problem(409, 'ingest_key_unknown', 300_000)],
    ['a file with a wrong confirmation', { status: 201, json: {}, retryAfterMs: null }],
    ['a file that the disk cannot read', Object.assign(new Error('read'), { code: 'EIO' })],
    ['a file that the vault cannot store', problem(500, 'internal')],
  ])('do not stop for %s', async (_name, bad) => {
    const { attempts, left } = await run(30, 120, (n) => (n === 0 ? bad : STORED));
    expect(left).toHaveLength(1);
    expect(left[0]).toContain(idOf(0));
    expect(attempts.filter(({ n }) => n !== 0)).toHaveLength(29);
    expect(attempts.filter(({ n }) => n === 0).length).toBeLessThan(12);
  });

  it('move a rejected file aside, with the code in its name', async () => {
    const { left } = await run(2, 30, (n) => (n === 0 ? problem(422, 'call_differs') : STORED));
    expect(left).toEqual([expect.stringMatching(/^\/spool\/rejected\/.*\.call_differs\.rejected$/)]);
  });

  it('note which call it is, where the vault says it', async () => {
    const found = { source: 'pbx', call_id: 'call-1' };
    const { left } = await run(1, 30, () => ({
      status: 422,
      json: { code: 'erased', call: found },
      retryAfterMs: null,
    }));
    const names = left.map((path) => path.replace(/^.*\d{12}\./, '').replace(/^.{43}\./, ''));
    expect(names.sort()).toEqual(['call.json', 'erased.rejected']);
    const long = { ...found, call_id: 'x'.repeat(5000) };
    const { left: only } = await run(1, 30, () => ({
      ...{ status: 422, json: { code: 'erased', call: long }, retryAfterMs: null },
    }));
    expect(only).toHaveLength(1);
  });
});
