// A PBX, relays and a vault in memory, under a plan of faults: the whole of it is repeatable.
import { createHash } from 'node:crypto';
import { namePattern } from '../../../src/model/name-pattern.ts';
import { factsBy } from '../../../src/relay/read-facts.ts';
import { openRelay } from '../../../src/relay/relay.ts';
import { newState } from '../../../src/relay/state.ts';
import { type Disk, Killed, newDisk } from './disk.ts';
import { virtualTime } from './time.ts';
import { contentOf, newVault, sealInClear } from './vault.ts';

/** `step`: the number of an effect of any relay, after which the fault comes. */
export type Fault = {
  readonly step: number;
  readonly what:
    | 'kill'
    | 'power'
    | 'full'
    | 'clock'
    | 'lost answers'
    | 'outage'
    | 'second relay'
    | 'replace'
    | 'append';
};

export type PlannedCall = { readonly at: number; readonly bytes: number; readonly sidecar: boolean };
export type Plan = { readonly calls: readonly PlannedCall[]; readonly faults: readonly Fault[]; readonly seed: number };

export type Played = {
  readonly steps: number;
  /** Problems found while it ran. */
  readonly problems: readonly string[];
  /** What the vault stored, by call id. */
  readonly stored: ReadonlyMap<string, Buffer>;
  /** Contents that the PBX finished, by call id: the last one of each is what must be kept. */
  readonly written: ReadonlyMap<string, readonly Buffer[]>;
  readonly left: readonly string[];
  readonly rejected: readonly Buffer[];
  readonly disk: Disk;
};

const PBX = '/pbx';
const FOLDERS = { spool: '/spool', tmp: '/spool/tmp', rejected: '/spool/rejected' };
const SOURCE = 'pbx';
const PATTERN = { match: namePattern('^(?<call_id>call-\\d+)\\.wav$'), offset: 'Z', facts: {} };

/** Plays a plan to its end, then forty minutes without faults: a file that is put back waits again. */
export async function play({ calls, faults, seed }: Plan): Promise<Played> {
  const random = lcg(seed);
  const time = virtualTime();
  const disk = newDisk(random);
  const vault = newVault();
  const problems: string[] = [];
  const written = new Map<string, Buffer[]>();
  let [steps, full, offset, lostUntil, downUntil] = [0, false, 0, 0, 0];
  let running: AbortController[] = [];
  let ids = 0;
  const due = [...faults].sort((a, b) => a.step - b.step);

  const start = (): void => {
    const ended = new AbortController();
    running.push(ended);
    const step = async (name: string, path: string): Promise<void> => {
      await Promise.resolve();
      if (ended.signal.aborted) throw new Killed();
      if (name === 'remove' && path.startsWith(PBX)) checkRemoval(path);
      steps += 1;
      while (due[0] !== undefined && due[0].step <= steps) act(due.shift() as Fault);
      if (ended.signal.aborted) throw new Killed();
    };
    const files = disk.files(step, () => (full ? 0 : 1e9));
    const clock = time.clock(() => offset);
    const relay = openRelay({
      files,
      folders: FOLDERS,
      rules: {
        folders: [PBX],
        types: new Map([['wav', 'audio/wav']]),
        settledMs: 10_000,
        withoutSidecarMs: 60_000,
      },
      passMs: 4_000,
      limits: { spoolBytes: 1e9, freeBytes: 0 },
      alarmAfterMs: 900_000,
      facts: factsBy({ patterns: [PATTERN], source: SOURCE }, clock.now),
      seal: sealInClear,
      upload: async (_id, file) => {
        await step('upload', '');
        if (time.now() < downUntil) return null;
        const pieces: Uint8Array[] = [];
        for await (const piece of file.bytes()) pieces.push(Uint8Array.from(piece));
        const answer = vault.put(Buffer.concat(pieces));
        await step('answer', '');
        return time.now() < lostUntil ? null : answer;
      },
      clock,
      newId: () => uuidOf(seed, ids++),
      random,
      state: newState(() => undefined),
      log: () => undefined,
    });
    void relay.run(ended.signal).catch((error: unknown) => {
      if (!(error instanceof Killed)) problems.push(`the relay ended: ${String(error)}`);
    });
  };

  /** Before plaintext is deleted, its sealed file must survive any loss of power, or the vault must have it. */
  const checkRemoval = (path: string): void => {
    const data = disk.read(path);
    if (data === null || path.endsWith('.json')) return;
    const sealed = [...disk.durableUnder(FOLDERS.spool), ...vault.bodies()].some((file) =>
      contentOf(file)?.equals(data),
    );
    if (!sealed) problems.push(`step ${steps}: plaintext deleted before its sealed file was on the disk`);
  };

  const act = ({ what }: Fault): void => {
    const stop = (): void => {
      for (const one of running) one.abort();
      running = [];
      time.at(time.now() + 5_000, start);
    };
    const audio = disk.paths().filter((path) => path.startsWith(PBX) && !path.endsWith('.json'));
    const one = audio[Math.floor(random() * audio.length)];
    const id = /call-\d+/.exec(one ?? '')?.[0] ?? '';
    switch (what) {
      case 'kill':
        stop();
        break;
      case 'power':
        stop();
        disk.losePower();
        break;
      case 'full':
        full = true;
        time.at(time.now() + 60_000, () => {
          full = false;
        });
        break;
      case 'clock':
        offset -= 3_600_000;
        break;
      case 'lost answers':
        lostUntil = time.now() + 20_000;
        break;
      case 'outage':
        downUntil = time.now() + 120_000;
        break;
      case 'second relay':
        start();
        break;
      case 'replace': {
        if (one === undefined) break;
        const data = contents(id, 40, random);
        disk.write(`${PBX}/${id}.wav`, data);
        written.set(id, [...(written.get(id) ?? []), data]);
        break;
      }
      case 'append': {
        // A file under its own name only: one that is claimed has not changed for ten seconds.
        if (one === undefined || one.includes('.callvault.')) break;
        disk.append(one, Buffer.from('+'));
        written.set(id, [...(written.get(id) ?? []), disk.read(one) ?? Buffer.alloc(0)]);
        break;
      }
    }
  };

  for (const [n, { at, bytes, sidecar }] of calls.entries()) {
    const id = `call-${n}`;
    const data = contents(id, bytes, random);
    // The PBX writes the audio in two parts over some seconds, and its sidecar in two parts as well.
    time.at(at, () => disk.write(`${PBX}/${id}.wav`, data.subarray(0, bytes / 2)));
    time.at(at + 7_000, () => {
      disk.append(`${PBX}/${id}.wav`, data.subarray(bytes / 2));
      written.set(id, [...(written.get(id) ?? []), disk.read(`${PBX}/${id}.wav`) ?? data]);
    });
    if (!sidecar) continue;
    const text = JSON.stringify({ call_id: `sidecar-${n}`, from: '+44 20 7946 0001' });
    time.at(at + 8_000, () => disk.write(`${PBX}/${id}.json`, Buffer.from(text.slice(0, 9))));
    time.at(at + 9_000, () => disk.write(`${PBX}/${id}.json`, Buffer.from(text)));
  }
  start();
  const last = Math.max(0, ...calls.map(({ at }) => at));
  await time.runUntil(last + 300_000);
  due.length = 0;
  [full, lostUntil, downUntil] = [false, 0, 0];
  await time.runUntil(last + 2_400_000);
  for (const one of running) one.abort();
  await time.runUntil(last + 2_410_000);
  const left = disk.paths().filter((path) => !path.startsWith(FOLDERS.rejected));
  const rejected = disk
    .paths()
    .filter((path) => path.startsWith(`${FOLDERS.rejected}/`))
    .flatMap((path) => contentOf(disk.read(path) ?? Buffer.alloc(0)) ?? []);
  return { steps, problems, stored: vault.stored(), written, left, rejected, disk };
}

/** Bytes that name their call, so that a mix of two calls shows. */
function contents(id: string, bytes: number, random: () => number): Buffer {
  const start = Buffer.from(`${id}:${Math.floor(random() * 1e9)}:`);
  return Buffer.concat([start, Buffer.alloc(bytes, id)]).subarray(0, Math.max(start.length, bytes));
}

/** A linear congruential generator (Numerical Recipes): the same numbers for the same seed. */
function lcg(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function uuidOf(...numbers: readonly number[]): string {
  const hex = createHash('sha256').update(numbers.join()).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}
