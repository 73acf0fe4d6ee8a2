// One pass over the PBX's folders: finishes claims of an earlier run, finds calls that are ready, and seals them.
import { basename, extname, join } from 'node:path';
import { claimsById, finishClaims, isSidecar, sidecarOf } from './claims.ts';
import { MAX_NAME_BYTES, readClaim, sameVersion } from './names.ts';
import type { Log, Version } from './ports.ts';
import { type ReadyCall, type SealDeps, sealCall } from './seal-call.ts';
import type { Spool } from './spool.ts';
import type { Alarm, RelayState } from './state.ts';
import type { Steady } from './steady.ts';

/** What decides when a call is ready. */
export type ScanRules = {
  readonly folders: readonly string[];
  /** Media types by the ending of a file's name, in lower case. Other files are left alone. */
  readonly types: ReadonlyMap<string, string>;
  /** How long audio and sidecar must not have changed. */
  readonly settledMs: number;
  /** How long audio without a sidecar must not have changed. */
  readonly withoutSidecarMs: number;
};

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
  ...(['call_unreadable', 'name_taken', 'folder_unreadable', 'cannot_delete', 'spool_full', 'write_failed'] as const),
] as const;
type Counts = Map<Alarm, number>;

/** Runs a pass. Throws only what stops the whole relay: nothing. Failures become alarms. */
export async function scan(deps: ScanDeps, signal: AbortSignal): Promise<void> {
  const counts: Counts = new Map();
  const ready: ReadyCall[] = [];
  let [calls, bytes] = [0, 0];
  for (const folder of deps.rules.folders) {
    try {
      await finishOldClaims(deps, folder, counts);
      const found = await callsIn(deps, folder, counts);
      ready.push(...found.ready);
      calls += found.calls;
      bytes += found.bytes;
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

type Found = { readonly ready: readonly ReadyCall[]; readonly calls: number; readonly bytes: number };

async function callsIn(deps: ScanDeps, folder: string, counts: Counts): Promise<Found> {
  const { files, rules, steady } = deps;
  const unread = (): void => add(counts, 'folder_unreadable');
  const all = (await files.list(folder, unread)).map((name) => join(folder, name));
  const paths = all.filter((path) => readClaim(path) === null);
  // Left where a claim could not be finished: the other file of the call waits for it.
  const claimed = new Set(all.map((path) => readClaim(path)?.original ?? ''));
  const sidecars = new Set(paths.filter(isSidecar));
  const audio = paths.filter((path) => rules.types.has(endingOf(path)));
  const bySidecar = new Map<string, number>();
  for (const path of audio) bySidecar.set(sidecarOf(path), (bySidecar.get(sidecarOf(path)) ?? 0) + 1);
  const ready: ReadyCall[] = [];
  let bytes = 0;
  for (const path of audio) {
    const version = claimed.has(sidecarOf(path)) ? null : await files.version(path);
    // What the system lists and cannot find has a name that is not UTF-8.
    if (version === null && path.includes('\uFFFD')) add(counts, 'name_taken');
    if (version === null) continue;
    bytes += version.size;
    const still = steady.since(path, version);
    const beside = sidecars.has(sidecarOf(path)) ? await files.version(sidecarOf(path)) : null;
    const type = rules.types.get(endingOf(path)) ?? '';
    if (sameVersion(deps.undeletable.get(path) ?? null, version)) {
      add(counts, 'cannot_delete');
    } else if (Buffer.byteLength(basename(path)) > MAX_NAME_BYTES || (bySidecar.get(sidecarOf(path)) ?? 0) > 1) {
      add(counts, 'name_taken');
    } else if (beside !== null) {
      const both = Math.min(still, steady.since(sidecarOf(path), beside));
      const sidecar = { path: sidecarOf(path), version: beside };
      if (both >= rules.settledMs) ready.push({ audio: path, audioVersion: version, type, sidecar });
    } else if (still >= rules.withoutSidecarMs) {
      ready.push({ audio: path, audioVersion: version, type, sidecar: null });
    }
  }
  for (const path of sidecars) {
    const version = bySidecar.has(path) ? null : await files.version(path);
    if (version !== null && steady.since(path, version) >= rules.withoutSidecarMs) add(counts, 'sidecar_alone');
  }
  return { ready, calls: audio.length, bytes };
}

function endingOf(path: string): string {
  return extname(path).slice(1).toLowerCase();
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

/** The code of an error, never its message: messages of the file system contain paths. */
export function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown';
  return /^[A-Za-z0-9_]{1,40}$/.test(code) ? code : 'unknown';
}
