// The relay's loop: pass after pass over the folders, and uploads beside it.
import { join } from 'node:path';
import { codeOf } from './error-code.ts';
import type { ScanRules } from './find-calls.ts';
import type { Files, Log, RelayClock, Seal, Upload } from './ports.ts';
import type { CallFacts } from './read-facts.ts';
import { scan } from './scan.ts';
import type { SpoolFolders } from './seal-call.ts';
import { openSpool, type Spool } from './spool.ts';
import type { Alarm, RelayState } from './state.ts';
import { watchSteady } from './steady.ts';
import { type UploadEvents, uploadAll } from './uploads.ts';

/** How much the spool may hold, and how much of its disk must stay free, in bytes. */
export type DiskLimits = { readonly spoolBytes: number; readonly freeBytes: number };

export type RelayDeps = {
  readonly files: Files;
  readonly folders: SpoolFolders;
  readonly rules: ScanRules;
  readonly limits: DiskLimits;
  /** Time between two passes over the folders. */
  readonly passMs: number;
  /** How long a sealed call may wait before an alarm. */
  readonly alarmAfterMs: number;
  readonly facts: CallFacts;
  readonly seal: Seal;
  readonly upload: Upload;
  readonly clock: RelayClock;
  readonly newId: () => string;
  /** From 0 to 1. */
  readonly random: () => number;
  readonly state: RelayState;
  readonly log: Log;
};

/** How often the folders of the spool are read again. */
const REFRESH_MS = 15_000;
/** After an unexpected failure of the file system. */
const FAILED_MS = 5_000;

/** A relay over these folders. `run` ends once the signal fires. Everything that it must know is in the folders. */
export function openRelay(deps: RelayDeps): {
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly spool: Spool;
} {
  const { files, folders, clock, log } = deps;
  const spool = openSpool(files, folders, clock.now);
  return {
    spool,
    run: async (signal) => {
      await again(deps, signal, async () => {
        // Unfinished files of an earlier run: nothing was deleted for them.
        for (const name of await files.list(folders.tmp)) await files.remove(join(folders.tmp, name));
        await spool.refresh();
      });
      const passes = passesOf(deps, spool);
      // Claims of an earlier run come before uploads: their sealed files must still be in the spool.
      await passes.one(signal);
      const events = uploadEvents(deps);
      await Promise.all([
        again(deps, signal, async () => {
          while (!signal.aborted) {
            await clock.sleep(deps.passMs, signal);
            await passes.one(signal);
          }
        }),
        again(deps, signal, () => uploadAll({ ...deps, spool, events }, signal), 'upload_failed'),
      ]);
      log('stopped');
    },
  };
}

/** Repeats work until it ends without an error or the signal fires: a disk may fail for a while. */
async function again(
  { clock, log, state }: Pick<RelayDeps, 'clock' | 'log' | 'state'>,
  signal: AbortSignal,
  work: () => Promise<void>,
  alarm: Alarm = 'write_failed',
): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
      return;
    } catch (error) {
      log('failed', { code: codeOf(error) });
      state.alarm(alarm, 1);
      await clock.sleep(FAILED_MS, signal);
    }
  }
}

function passesOf(deps: RelayDeps, spool: Spool): { readonly one: (signal: AbortSignal) => Promise<void> } {
  const { files, folders, clock, limits, state } = deps;
  const steady = watchSteady(clock.monotonic);
  const undeletable = new Map();
  let refreshed = clock.monotonic();
  /** `bytes`: of the calls that are being sealed, together. */
  const hasRoom = async (bytes: number): Promise<boolean> => {
    const { sealedBytes, rejectedBytes } = spool.counts();
    if (sealedBytes + rejectedBytes + bytes > limits.spoolBytes) return false;
    return (await files.freeBytes(folders.spool)) - bytes >= limits.freeBytes;
  };
  return {
    one: async (signal) => {
      if (signal.aborted) return;
      if (clock.monotonic() - refreshed >= REFRESH_MS) {
        await spool.refresh();
        refreshed = clock.monotonic();
      }
      await scan({ ...deps, spool, steady, undeletable, hasRoom }, signal);
      const { rejected, oldest } = spool.counts();
      state.alarm('rejected', rejected);
      state.alarm('waiting_long', oldest !== null && clock.now() - oldest > deps.alarmAfterMs ? 1 : 0);
    },
  };
}

/** Alarms of single files, by the code that the vault or this relay gave them. */
const ALARM_OF_FILE: Readonly<Record<string, Alarm>> = {
  confirmation_differs: 'confirmation_differs',
  ingest_key_unknown: 'key_unknown',
};

function uploadEvents({ state, log, clock }: RelayDeps): UploadEvents {
  const byId = new Map<string, Alarm>();
  const setAlarms = (): void => {
    for (const alarm of Object.values(ALARM_OF_FILE))
      state.alarm(alarm, [...byId.values()].filter((one) => one === alarm).length);
  };
  const answered = (id: string): void => {
    byId.delete(id);
    setAlarms();
    state.alarm('upload_failed', 0);
    state.alarm('unreachable', 0);
    state.alarm('credential_denied', 0);
  };
  return {
    stored: (id, bytes) => {
      answered(id);
      state.count('uploaded');
      state.count('uploaded_bytes', bytes);
      state.setUploaded(clock.now());
      log('uploaded', { id, bytes });
    },
    rejected: (id, code) => {
      answered(id);
      state.count('rejected');
      log('rejected', { id, code });
    },
    later: (id, code, all) => {
      state.count('attempts_failed');
      log('not uploaded', { id, code });
      const alarm = ALARM_OF_FILE[code];
      if (alarm !== undefined) byId.set(id, alarm);
      setAlarms();
      if (/^(unauthenticated|forbidden|http_40[13])$/.test(code)) state.alarm('credential_denied', 1);
      else if (all) state.alarm('unreachable', 1);
    },
  };
}
