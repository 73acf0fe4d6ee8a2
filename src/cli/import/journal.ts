// The journal of an import: which files the vault has confirmed. It names files and calls by keyed digests only.
import { createHmac, randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { CallKey } from '../../connectors/layout.ts';
import { VaultError } from '../../errors.ts';
import { unwritable } from '../support/unwritable.ts';

/** A confirmed file, with the digest that file and vault agree on. */
export type Confirmed = { readonly recording: string; readonly size: number; readonly sha256: string };

export type Journal = {
  /** The name of a file in the journal: of its path, size and time of modification, and of where it is imported to. */
  readonly fileId: (path: string, stat: { readonly size: number; readonly mtimeMs: number }) => string;
  readonly confirmed: (file: string) => Confirmed | null;
  /** The recording of a call that was confirmed, in this run or before. */
  readonly recordingOf: (key: CallKey) => string | null;
  /** Throws `conflict` where the journal cannot be written. */
  readonly confirm: (file: string, key: CallKey, confirmed: Confirmed) => void;
  readonly close: () => void;
};

const FORMAT = 'callvault/import-journal@1';
type Line = Confirmed & { readonly file: string; readonly call: string };

/** Where a journal's files are imported to: what one tenant has confirmed says nothing about another one's. */
export type JournalScope = { readonly url: string; readonly tenant: string; readonly source: string };

/**
 * Opens or creates a journal for imports into one tenant and source of a vault. A line that a crash cut off is ignored: its file is
 * sent again, and the vault recognizes it. Throws `malformed` for another file.
 */
export function openJournal(path: string, target: JournalScope): Journal {
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const [head = '', ...lines] = text.split('\n');
  const key = text === '' ? randomBytes(32) : keyIn(head, path);
  const [files, calls] = [new Map<string, Confirmed>(), new Map<string, string>()];
  for (const line of lines) {
    const found = lineIn(line);
    if (found === null) continue;
    const { file, call, ...confirmed } = found;
    files.set(file, confirmed);
    calls.set(call, confirmed.recording);
  }
  const named = (...parts: readonly (string | number)[]): string =>
    createHmac('sha256', key)
      .update(JSON.stringify([target.url, target.tenant, target.source, ...parts]))
      .digest('base64url');
  const file = openFile(path);
  const write = (value: unknown): void => {
    try {
      writeSync(file, `${JSON.stringify(value)}\n`);
    } catch (cause) {
      throw unwritable('the journal', path, cause);
    }
  };
  if (text === '') write({ format: FORMAT, key: key.toString('base64url') });
  // After a line that was cut off, the next one needs a new line.
  else if (!text.endsWith('\n')) writeSync(file, '\n');
  return {
    fileId: (at, { size, mtimeMs }) => named('file', at, size, Math.floor(mtimeMs)),
    confirmed: (id) => files.get(id) ?? null,
    recordingOf: ({ callId, leg }) => calls.get(named('call', callId, leg)) ?? null,
    confirm: (id, { callId, leg }, confirmed) => {
      const call = named('call', callId, leg);
      files.set(id, confirmed);
      calls.set(call, confirmed.recording);
      write({ file: id, call, ...confirmed } satisfies Line);
    },
    close: () => closeSync(file),
  };
}

function openFile(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (cause) {
    throw unwritable('the journal', path, cause);
  }
}

function keyIn(head: string, path: string): Buffer {
  const { format, key } = (parsed(head) ?? {}) as Readonly<Record<string, unknown>>;
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64url') : Buffer.alloc(0);
  if (format === FORMAT && bytes.length === 32) return bytes;
  throw new VaultError('malformed', `${path} is not a journal of an import`);
}

function lineIn(line: string): Line | null {
  const { file, call, recording, size, sha256 } = (parsed(line) ?? {}) as Readonly<Record<string, unknown>>;
  const texts = [file, call, recording, sha256].every((one) => typeof one === 'string');
  return texts && typeof size === 'number' ? ({ file, call, recording, size, sha256 } as Line) : null;
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
