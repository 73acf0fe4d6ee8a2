// One pass over the PBX's folders: finishes claims of an earlier run, finds calls that are ready, and seals them.
import { join } from 'node:path';
import { claimsById, finishClaims } from './claims.ts';
import { codeOf } from './error-code.ts';
import { findCalls, type ReadyCall, type ScanRules } from './find-calls.ts';
import type { Log, Version } from './ports.ts';
import { type SealDeps, sealCall } from './seal-call.ts';
import type { Spool } from './spool.ts';
import type { Alarm, RelayState } from './state.ts';
import type { Steady } from './steady.ts';

export type ScanDeps = Omit<SealDeps, 'committed'> & {
  readonly rules: ScanRules;
  readonly spool: Spool;
  readonly state: RelayState;
  readonly steady: Steady;
  readonly log: Log;
  /** Versions that are sealed and could not be deleted, by path: they are not sealed again. */
  readonly undeletable: Map<string, Version>;
};

const AT_ONCE = 4;
/** Alarms that each pass counts. */
const COUNTED = [
  ...(['sidecar_invalid', 'sidecar_alone', 'no_facts', 'audio_empty', 'audio_too_large', 'audio_changing'] as const),
  ...([
    'call_unreadable',
    'name_taken',
    'folder_unreadable',
    'folder_too_deep',
    'cannot_delete',
    'spool_full',
    'write_failed',
  ] as const),
] as const;
type Counts = Map<Alarm, number>;

/** Runs a pass. Never throws: failures become alarms. */
export async function scan(deps: ScanDeps, signal: AbortSignal): Promise<void> {
  const counts: Counts = new Map();
  const ready: ReadyCall[] = [];
  let [calls, bytes] = [0, 0];
  for (const folder of deps.rules.folders) {
    try {
      await finishOldClaims(deps, folder, counts);
      const found = await findCalls(deps, folder);
      ready.push(...found.ready);
      calls += found.calls;
      bytes += found.bytes;
      for (const { alarm } of found.faults) add(counts, alarm);
    } catch (error) {
      deps.log('folder not read', { code: codeOf(error) });
      add(counts, 'folder_unreadable');
    }
  }
  deps.steady.endPass();
  deps.state.setWaiting(calls, bytes);
  await sealSome(deps, ready, counts, signal);
  for (const alarm of COUNTED) deps.state.alarm(alarm, counts.get(alarm) ?? 0);
}

/** Finishes what a crash left. Without an error, no claim of this folder is left afterwards. */
async function finishOldClaims(deps: ScanDeps, folder: string, counts: Counts): Promise<void> {
  const paths = (await deps.files.list(folder)).map((name) => join(folder, name));
  for (const [id, claims] of claimsById(paths)) {
    try {
      const deleted = await finishClaims(deps.files, claims, deps.spool.has(id));
      deps.log('plaintext of an earlier run', { id, outcome: deleted ? 'deleted' : 'put back' });
    } catch (error) {
      deps.log('plaintext not deleted', { id, code: codeOf(error) });
      add(counts, 'cannot_delete');
    }
  }
}

/** Seals a few calls at a time, so that they share what the disk does for a sync. */
async function sealSome(
  deps: ScanDeps,
  ready: readonly ReadyCall[],
  counts: Counts,
  signal: AbortSignal,
): Promise<void> {
  const left = [...ready];
  /** Room that calls in progress need: each was allowed beside the others. */
  let reserved = 0;
  /** Size of the smallest call that found no room: one long call must not keep shorter ones out of the spool. */
  let noRoomFor = Number.POSITIVE_INFINITY;
  const one = async (call: ReadyCall): Promise<void> => {
    let mine = 0;
    const hasRoom = (bytes: number): Promise<boolean> => {
      mine = bytes;
      reserved += bytes;
      return deps.hasRoom(reserved);
    };
    const isFull = await sealOne({ ...deps, hasRoom }, call, counts);
    if (isFull) noRoomFor = Math.min(noRoomFor, call.audioVersion.size);
    reserved -= mine;
  };
  const worker = async (): Promise<void> => {
    for (let call = left.shift(); call !== undefined; call = left.shift()) {
      if (signal.aborted || counts.has('write_failed') || counts.has('no_key')) return;
      if (call.audioVersion.size < noRoomFor) await one(call);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Returns whether the spool has no room for the call. */
async function sealOne(deps: ScanDeps, call: ReadyCall, counts: Counts): Promise<boolean> {
  const { spool, state, log } = deps;
  let committed: string | null = null;
  try {
    const outcome = await sealCall(
      {
        ...deps,
        committed: (entry) => {
          committed = entry.id;
          spool.add(entry);
        },
      },
      call,
    );
    switch (outcome.kind) {
      case 'sealed':
        state.count('sealed');
        log('sealed', { id: outcome.entry.id, bytes: outcome.entry.size });
        break;
      case 'changed':
        state.count('started_over');
        break;
      case 'full':
        add(counts, 'spool_full');
        return true;
      case 'invalid':
        add(counts, INVALID[outcome.why]);
    }
    return false;
  } catch (error) {
    const code = codeOf(error);
    if (committed !== null) {
      // Sealed, and still there as plaintext. It is uploaded, and not sealed again.
      deps.undeletable.set(call.audio, call.audioVersion);
      log('plaintext not deleted', { id: committed, code });
      add(counts, 'cannot_delete');
      return false;
    }
    const alarm = ALARM_OF_CODE[code] ?? 'write_failed';
    if (code !== 'not_available') log('not sealed', { code });
    add(counts, alarm);
    return alarm === 'spool_full';
  } finally {
    if (committed !== null) spool.setReady(committed);
  }
}

const ALARM_OF_CODE: Readonly<Record<string, Alarm>> = {
  not_available: 'no_key',
  ENOSPC: 'spool_full',
  EDQUOT: 'spool_full',
  malformed: 'sidecar_invalid',
  body_too_large: 'audio_too_large',
  // The audio grew or shrank while it was sealed: it is sealed later.
  conflict: 'audio_changing',
};

const INVALID = {
  ...({ empty: 'audio_empty', large: 'audio_too_large', unreadable: 'call_unreadable' } as const),
  ...({ sidecar: 'sidecar_invalid', file_name: 'no_facts' } as const),
};

function add(counts: Counts, alarm: Alarm): void {
  counts.set(alarm, (counts.get(alarm) ?? 0) + 1);
}
