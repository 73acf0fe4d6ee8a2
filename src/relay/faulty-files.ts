// `relay files`: the files in the PBX's folders that cannot be sealed, and why. It reads them itself, so that no path and
// no fault of a sidecar passes through the log or the status.
import { MAX_OBJECT } from '../envelope/sizes.ts';
import { codeOf } from './error-code.ts';
import type { ReadyCall } from './find-calls.ts';
import { findCalls, type ScanRules } from './find-calls.ts';
import { modifiedMs } from './names.ts';
import type { Files } from './ports.ts';
import { type CallFacts, readFacts } from './read-facts.ts';
import { opened, Unreadable } from './read-files.ts';
import type { Alarm } from './state.ts';

/** A file that stays in its folder, under which alarm, and what is wrong with it. */
export type FaultyFile = { readonly alarm: Alarm; readonly path: string; readonly why: string };

type Deps = {
  readonly files: Files;
  readonly rules: ScanRules;
  readonly facts: CallFacts;
  /** Milliseconds since 1970: a file counts as still by its time of modification. */
  readonly now: () => number;
};

/** Looks through the folders without changing anything. A folder that cannot be read is reported as one. */
export async function faultyFiles(deps: Deps): Promise<readonly FaultyFile[]> {
  const found: FaultyFile[] = [];
  const steady = {
    since: (_path: string, version: Parameters<typeof modifiedMs>[0]) => deps.now() - modifiedMs(version),
  };
  for (const folder of deps.rules.folders) {
    try {
      const { ready, faults } = await findCalls({ ...deps, steady, undeletable: new Map() }, folder);
      found.push(...faults.map(({ alarm, path }) => ({ alarm, path, why: WHY[alarm] ?? '' })));
      for (const call of ready) {
        const fault = await faultOf(deps, call);
        if (fault !== null) found.push(fault);
      }
    } catch (error) {
      found.push({ alarm: 'folder_unreadable', path: folder, why: `the folder cannot be read (${codeOf(error)})` });
    }
  }
  return found;
}

const WHY: Partial<Record<Alarm, string>> = {
  folder_unreadable: 'the folder cannot be read',
  folder_too_deep: 'it is more than eight levels deep',
  name_taken: 'another audio file has the same sidecar, or the name is too long or not UTF-8',
  sidecar_alone: 'it has no audio',
};

async function faultOf({ files, facts }: Deps, call: ReadyCall): Promise<FaultyFile | null> {
  const { audio: path, audioVersion, sidecar } = call;
  try {
    const read = await readFacts({ files, facts }, call);
    if (read.kind === 'changed') return null;
    if (read.kind === 'invalid' && read.of === 'sidecar')
      return { alarm: 'sidecar_invalid', path: sidecar?.path ?? path, why: read.why };
    if (read.kind === 'invalid') return { alarm: 'no_facts', path, why: read.why };
    if (audioVersion.size === 0) return { alarm: 'audio_empty', path, why: 'it is empty' };
    if (audioVersion.size > MAX_OBJECT)
      return { alarm: 'audio_too_large', path, why: `it has more than ${MAX_OBJECT} bytes` };
    await (await opened(files, path))?.close();
    return null;
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { alarm: 'call_unreadable', path, why: `it or its sidecar cannot be read (${codeOf(error.cause)})` };
  }
}
