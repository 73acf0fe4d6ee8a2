// A store, or an anchor, that is dead for an hour: events wait, rounds try later each time, and then everything is sealed.
import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { verifyFolders } from '../../../src/cli/log/verify.ts';
import { logName } from '../../../src/model/audit-event.ts';
import { segmentSize } from '../../../src/model/log/segment.ts';
import { event, operatorActor } from '../../../src/vault/core/events/events.ts';
import { verifiersOf } from '../../../src/vault/core/proofs/verifier-keys.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { compareLogs } from '../../../src/vault/sealing/compare-logs.ts';
import { exportLog } from '../../../src/vault/sealing/export-log.ts';
import { type LogsState, logSealer } from '../../../src/vault/sealing/seal-logs.ts';
import { ORIGIN } from '../../support/fixture-rows.ts';
import { needs } from '../../support/needs.ts';
import { checkPublished } from '../../support/published-history.ts';
import { runProgram } from '../../support/run-program.ts';
import { grow, LOG, request, type SealedLogWorld, sealedLog } from '../../support/sealing.ts';

const MINUTE_MS = 60_000;
const A_MINUTE = 80;
const HOUR = 60;
/** From one minute on, each failure in a row doubles the wait; an hour at most. */
const TRIED = [0, 1, 3, 7, 15, 31];
const python = needs('python-cryptography');
/** The log of this world is no tenant's. */
const NO_KEYS = { get: () => expect.fail('no key is needed') } as unknown as Vault['metadataKeys'];

let world: SealedLogWorld;
let out: string;
beforeEach(async () => {
  world = await sealedLog();
  out = mkdtempSync(join(tmpdir(), 'callvault-outage-'));
});
afterEach(async () => {
  await world.end();
  rmSync(out, { recursive: true });
});

/** Appends so many events in one transaction. */
async function append(count: number): Promise<void> {
  const make = () => event(LOG, operatorActor('op-1'), 'doctor.ran', { id: LOG }, {});
  const events = Array.from({ length: count }, make);
  await world.deps.db.change(async () => ({ result: null, events }), request());
}

/** Makes a folder of the world unusable: a file has its place. Returns what makes it usable again. */
async function kill(name: 'store' | 'anchor'): Promise<() => Promise<void>> {
  const folder = join(world.folder, name);
  await rename(folder, `${folder}.kept`);
  await writeFile(folder, '');
  return async () => {
    await rm(folder);
    await rename(`${folder}.kept`, folder);
  };
}

/** Both programs find nothing in an export of the whole log. */
async function checkExport(size: number): Promise<void> {
  for await (const { path, bytes } of exportLog(
    { ...world.deps, metadataKeys: NO_KEYS },
    operatorActor('op-1'),
    LOG,
    request(),
  )) {
    await mkdir(dirname(join(out, path)), { recursive: true });
    await writeFile(join(out, path), bytes);
  }
  const key = verifiersOf(world.deps.signer, logName(ORIGIN, LOG));
  const { findings, logs } = await verifyFolders(out, { key });
  expect([findings, logs.map(({ events }) => events)]).toEqual([0, [size]]);
  if (!python.present) return;
  const args = ['docs/verify_log.py', out, ...key.flatMap((one) => ['--key', one])];
  expect(await runProgram('/usr/bin/python3', args)).toMatchObject({ code: 0, err: '' });
}

describe.each(['store', 'anchor'] as const)('the %s is dead for an hour', (dead) => {
  it('more than 4,096 events wait, rounds are tried less and less often, and then all are sealed', async () => {
    let minute = 0;
    const began = Date.now();
    const clock = { ...world.deps.clock, now: () => began + minute * MINUTE_MS };
    const states: LogsState[] = [];
    const round = logSealer({ ...world.deps, clock }, (state) => void states.push(state));
    await grow(world.deps, 3);
    expect(await round(request())).toBe(4);
    const revive = await kill(dead);
    const tried: number[] = [];
    for (minute = 0; minute < HOUR; minute++) {
      await append(A_MINUTE);
      await round(request()).then(
        (sealed) => expect(sealed, 'it waits').toBe(0),
        (error: unknown) => {
          expect(error).toMatchObject({ code: 'store_unavailable' });
          tried.push(minute);
        },
      );
      // Nothing differs, and nothing is lost: the log is not held, and has not stopped.
      const unsealed = (minute + 1) * A_MINUTE;
      expect(states.at(-1)).toEqual({ held: 0, stopped: 0, otherSigner: 0, unsealed, foreign: 0 });
    }
    expect(tried).toEqual(TRIED);
    expect(HOUR * A_MINUTE).toBeGreaterThan(4_096);
    await expect(compareLogs(world.deps, request())).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(await world.deps.db.read((rows) => rows.log.state(LOG), request())).toMatchObject({ held: null });
    await revive();
    const size = 4 + HOUR * A_MINUTE;
    // The wait after the last failure, of 32 minutes, ends in minute 63.
    expect(await round(request())).toBe(0);
    minute = 63;
    expect(await round(request())).toBe(size - 4);
    expect(states.at(-1)).toEqual({ held: 0, stopped: 0, otherSigner: 0, unsealed: 0, foreign: 0 });
    await checkPublished(world, size);
    const seals = await world.deps.db.read((rows) => rows.seals.seals(LOG, 0, 10), request());
    expect(seals.map((one) => one.size)).toEqual([4, 4 + 4_096, size]);
    expect([...(await world.anchored()).keys()].map(segmentSize)).toEqual([size, 4 + 4_096, 4]);
    await checkExport(size);
    // After a success the wait begins with a minute again.
    const again = await kill(dead);
    await append(1);
    await expect(round(request())).rejects.toMatchObject({ code: 'store_unavailable' });
    await again();
    minute++;
    // The check wrote an event about its reading.
    expect(await round(request())).toBe(2);
  });
});
