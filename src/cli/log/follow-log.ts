// Follows a log over HTTP: each event once and in order, until a signal stops it; a log that went back is an error.
import { fromBase64, toBase64 } from '../../bytes/base64.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { leafHash } from '../../model/audit-event.ts';
import type { LogClient } from './log-client.ts';

export const FORMATS = ['leaves', 'ocsf'] as const;
export type Format = (typeof FORMATS)[number];

/** How far a log was followed: the next index, and the log's name and the hash of the event before it. */
export type Position = { readonly next: number; readonly last: { readonly log: string; readonly hash: string } | null };

/** What following needs of its caller. */
export type Follower = {
  /** Takes lines, in order; they are taken before the position is kept. */
  readonly take: (lines: readonly string[]) => Promise<void>;
  readonly keep: (position: Position) => Promise<void>;
  /** Waits so many milliseconds; rejects once a signal stopped it. */
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Hears of a failure that may pass. */
  readonly failed: (message: string) => void;
};

type Options = {
  readonly format: Format;
  /** Milliseconds between two requests where nothing is new. */
  readonly every: number;
  /** Whether to end where nothing is new. */
  readonly once: boolean;
};

/** An event of a reply: its line, and what to check it with. */
type Entry = { readonly index: number; readonly log: string; readonly hash: string; readonly line: string };

/** 150 leaves of 16 KiB in base64 are less than the longest reply. */
const PAGE = 150;
const [FIRST_WAIT_MS, MOST_WAIT_MS] = [1_000, 60_000];

/**
 * Follows the log from a position on. Each request asks for the event before it again: where the log has another one there,
 * or none, it throws `integrity`. Failures that may pass are tried again, at most a minute later. Throws `unauthenticated`
 * and `forbidden` where the key may not read the log.
 */
export async function followLog(
  client: Pick<LogClient, 'events'>,
  start: Position,
  { format, every, once }: Options,
  { take, keep, wait, failed }: Follower,
): Promise<void> {
  let position = start;
  for (let pause = FIRST_WAIT_MS; ; ) {
    const entries = await after(client, position, format).catch((error: unknown) => {
      if (!isPassing(error)) throw error;
      failed(error instanceof Error ? error.message : String(error));
      return null;
    });
    if (entries === null) {
      await wait(pause);
      pause = Math.min(pause * 2, MOST_WAIT_MS);
      continue;
    }
    pause = FIRST_WAIT_MS;
    const last = entries.at(-1);
    if (last !== undefined) {
      await take(entries.map(({ line }) => line));
      position = { next: last.index + 1, last: { log: last.log, hash: last.hash } };
      await keep(position);
    }
    if (entries.length >= PAGE - 1) continue;
    if (once) return;
    await wait(every);
  }
}

/** The events after a position. */
async function after(client: Pick<LogClient, 'events'>, { next, last }: Position, format: Format): Promise<Entry[]> {
  const from = last === null ? next : next - 1;
  const text = await client.events(from, PAGE, format === 'ocsf' ? 'ocsf' : 'json');
  const entries = format === 'ocsf' ? ocsfEntries(text) : listedEntries(text);
  for (const [n, { index, log }] of entries.entries()) {
    if (index !== from + n) throw notSame(`the service sent event ${index} instead of ${from + n}`);
    if (log !== (last?.log ?? entries[0]?.log)) throw notSame(`event ${index} is of ${log}`);
  }
  if (last === null) return entries;
  const [before, ...rest] = entries;
  if (before === undefined) throw notSame(`the log has no event ${from} any more, which was followed`);
  if (before.hash !== last.hash) throw notSame(`event ${from} is another one than was followed`);
  return rest;
}

function listedEntries(text: string): Entry[] {
  const { data } = parsed(text) as { readonly data?: unknown };
  if (!Array.isArray(data)) throw notAList();
  return data.map((one: Readonly<Record<string, unknown>>) =>
    checked(one['index'], one['log'], one['leaf'], one['hash'], JSON.stringify(one)),
  );
}

function ocsfEntries(text: string): Entry[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { metadata, unmapped } = parsed(line) as Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    return checked(metadata?.['sequence'], metadata?.['log_name'], unmapped?.['leaf'], unmapped?.['hash'], line);
  });
}

/** An entry whose leaf has its hash. */
function checked(index: unknown, log: unknown, leaf: unknown, hash: unknown, line: string): Entry {
  if (typeof index !== 'number' || typeof log !== 'string' || typeof leaf !== 'string' || typeof hash !== 'string')
    throw notAList();
  if (toBase64(leafHash(fromBase64(leaf))) !== hash) throw notSame(`event ${index} does not have its hash`);
  return { index, log, hash, line };
}

function parsed(text: string): unknown {
  try {
    return (JSON.parse(text) as unknown) ?? {};
  } catch (cause) {
    throw new VaultError('not_available', 'the reply of the service is not JSON, or was cut', { cause });
  }
}

function notAList(): VaultError {
  return new VaultError('not_available', 'the reply of the service is no list of events');
}

function notSame(what: string): VaultError {
  return new VaultError('integrity', `This is not the log that was followed: ${what}.`);
}

/** Whether the same request may succeed later: the service does not answer, or the connection was cut. */
function isPassing(error: unknown): boolean {
  return hasCode(error, 'not_available') || !(error instanceof VaultError);
}
