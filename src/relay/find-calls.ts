// Calls in a folder of the PBX: those that are ready to be sealed, and files that a person must look at.
import { basename, extname, join } from 'node:path';
import { isSidecar, sidecarOf } from './claims.ts';
import type { RelayConfig } from './config.ts';
import { MAX_NAME_BYTES, readClaim, sameVersion } from './names.ts';
import type { Files, Version } from './ports.ts';
import type { Alarm } from './state.ts';
import type { Steady } from './steady.ts';

/** A call that has not changed for long enough. `sidecar` is null where it has none. */
export type ReadyCall = {
  readonly audio: string;
  readonly audioVersion: Version;
  readonly type: string;
  readonly sidecar: { readonly path: string; readonly version: Version } | null;
};

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

/** The rules of a configuration. */
export function rulesOf({ folders, types, settledMs, withoutSidecarMs }: RelayConfig): ScanRules {
  return { folders, types, settledMs, withoutSidecarMs };
}

export type FindDeps = {
  readonly files: Files;
  readonly rules: ScanRules;
  readonly steady: Pick<Steady, 'since'>;
  /** Versions that are sealed and could not be deleted, by path: they are not sealed again. */
  readonly undeletable: ReadonlyMap<string, Version>;
};

/** `calls` and `bytes` count all audio, also of calls in progress. `faults`: files that stay until a person acts. */
export type FoundCalls = {
  readonly ready: readonly ReadyCall[];
  readonly calls: number;
  readonly bytes: number;
  readonly faults: readonly { readonly path: string; readonly alarm: Alarm }[];
};

/** Looks through a folder. Throws what the file system throws for the folder itself. */
export async function findCalls({ files, rules, steady, undeletable }: FindDeps, folder: string): Promise<FoundCalls> {
  const faults: { path: string; alarm: Alarm }[] = [];
  const fault = (path: string, alarm: Alarm): void => {
    faults.push({ path, alarm });
  };
  const listed = await files.list(folder, (path, why) =>
    fault(join(folder, path), why === 'deep' ? 'folder_too_deep' : 'folder_unreadable'),
  );
  const all = listed.map((name) => join(folder, name));
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
    if (version === null && path.includes('\uFFFD')) fault(path, 'name_taken');
    if (version === null) continue;
    bytes += version.size;
    const still = steady.since(path, version);
    const beside = sidecars.has(sidecarOf(path)) ? await files.version(sidecarOf(path)) : null;
    const type = rules.types.get(endingOf(path)) ?? '';
    if (sameVersion(undeletable.get(path) ?? null, version)) {
      fault(path, 'cannot_delete');
    } else if (Buffer.byteLength(basename(path)) > MAX_NAME_BYTES || (bySidecar.get(sidecarOf(path)) ?? 0) > 1) {
      fault(path, 'name_taken');
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
    if (version !== null && steady.since(path, version) >= rules.withoutSidecarMs) fault(path, 'sidecar_alone');
  }
  return { ready, calls: audio.length, bytes, faults };
}

function endingOf(path: string): string {
  return extname(path).slice(1).toLowerCase();
}
