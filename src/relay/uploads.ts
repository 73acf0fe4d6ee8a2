// Uploads of sealed files: four at a time, with backoff, until the vault confirms each.
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { NamedCall } from '../errors.ts';
import { meaningOf } from './answers.ts';
import { backoffMs } from './backoff.ts';
import { codeOf } from './error-code.ts';
import { noteName, readSealedName, rejectedName } from './names.ts';
import type { Files, RelayClock, Upload, UploadAnswer } from './ports.ts';
import type { SpoolFolders } from './seal-call.ts';
import type { Spool, WaitingEntry } from './spool.ts';

/** What happened to a file, for counters, alarms and the log. */
export type UploadEvents = {
  readonly stored: (id: string, bytes: number) => void;
  readonly rejected: (id: string, code: string) => void;
  readonly later: (id: string, code: string, all: boolean) => void;
};

export type UploadDeps = {
  readonly files: Files;
  readonly folders: SpoolFolders;
  readonly spool: Spool;
  readonly upload: Upload;
  readonly clock: RelayClock;
  readonly random: () => number;
  /** How long the loop sleeps while nothing may be uploaded. */
  readonly passMs: number;
  readonly events: UploadEvents;
};

const AT_ONCE = 4;

type Wait = { readonly failures: number; readonly until: number };

/** Uploads until the signal fires, then waits for those in progress. Throws what the file system throws. */
export async function uploadAll(deps: UploadDeps, signal: AbortSignal): Promise<void> {
  const { clock, spool } = deps;
  const running = new Map<string, Promise<void>>();
  const waits = new Map<string, Wait>();
  /** For all files: the vault cannot be reached, or rejects the credential. */
  let all: Wait = { failures: 0, until: 0 };
  let failure: unknown = null;
  let sleeping: Promise<void> | null = null;

  const one = async (entry: WaitingEntry): Promise<void> => {
    const began = clock.monotonic();
    const outcome = await uploadOne(deps, entry, signal);
    if (outcome === 'done') {
      waits.delete(entry.id);
      all = { failures: 0, until: 0 };
      return;
    }
    const now = clock.monotonic();
    const failures = (waits.get(entry.id)?.failures ?? 0) + 1;
    waits.set(entry.id, { failures, until: now + backoffMs(failures - 1, outcome.retryAfterMs, deps.random) });
    // Four that fail together are one failure.
    if (outcome.all && began >= all.until)
      all = { failures: all.failures + 1, until: now + backoffMs(all.failures, outcome.retryAfterMs, deps.random) };
  };

  while (!signal.aborted && failure === null) {
    const now = clock.monotonic();
    // After a failure of all files, one file tries first.
    const room = now < all.until ? 0 : all.failures > 0 ? 1 : AT_ONCE;
    for (const entry of nextOf(spool.ready(), running, waits, now, room - running.size)) {
      const work = one(entry)
        .catch((error: unknown) => {
          failure = error;
        })
        .finally(() => running.delete(entry.id));
      running.set(entry.id, work);
    }
    // One sleep at a time: each waits for the signal too, and many short uploads would leave many.
    sleeping ??= clock.sleep(deps.passMs, signal).finally(() => {
      sleeping = null;
    });
    await Promise.race([...running.values(), sleeping]);
  }
  await Promise.all(running.values());
  if (failure !== null) throw failure;
}

/** Up to `most` files that may be tried now. Those that never failed come first: one bad file must not delay others. */
function nextOf(
  ready: Iterable<WaitingEntry>,
  running: ReadonlyMap<string, unknown>,
  waits: ReadonlyMap<string, Wait>,
  now: number,
  most: number,
): readonly WaitingEntry[] {
  const [first, again]: [WaitingEntry[], WaitingEntry[]] = [[], []];
  for (const entry of ready) {
    if (first.length >= most) break;
    const wait = waits.get(entry.id);
    if (running.has(entry.id) || (wait !== undefined && wait.until > now)) continue;
    (wait === undefined ? first : again).push(entry);
  }
  return [...first, ...again].slice(0, Math.max(0, most));
}

type Later = { readonly all: boolean; readonly retryAfterMs: number | null };

async function uploadOne(deps: UploadDeps, entry: WaitingEntry, signal: AbortSignal): Promise<'done' | Later> {
  const { files, folders, spool, events } = deps;
  const name = readSealedName(entry.name);
  const path = join(folders.spool, entry.name);
  const file = await files.open(path);
  if (file === null || name === null) {
    spool.removed(entry.id);
    return 'done';
  }
  let answer: UploadAnswer;
  try {
    answer = await deps.upload(entry.id, file, signal);
  } catch (error) {
    // A file that cannot be read must not stop the others.
    events.later(entry.id, codeOf(error), false);
    return { all: false, retryAfterMs: null };
  } finally {
    await file.close();
  }
  const meaning = meaningOf(name, answer);
  switch (meaning.kind) {
    case 'stored':
      await files.remove(path);
      spool.removed(entry.id);
      events.stored(entry.id, entry.size);
      return 'done';
    case 'rejected':
      // First, and even where the disk is full: a call without its note is only harder to find.
      if (meaning.call !== null) await writeNote(deps, entry.id, meaning.call).catch(() => undefined);
      await files.rename(path, join(folders.rejected, rejectedName(name, meaning.code)));
      await files.syncFolder(folders.rejected);
      spool.removed(entry.id);
      events.rejected(entry.id, meaning.code);
      return 'done';
    case 'later':
      if (!signal.aborted) events.later(entry.id, meaning.code, meaning.all);
      return meaning;
  }
}

async function writeNote({ files, folders }: UploadDeps, id: string, call: NamedCall): Promise<void> {
  const path = join(folders.rejected, noteName(id));
  await files.remove(path);
  await files.create(path, Readable.from([Buffer.from(JSON.stringify(call))]));
}
