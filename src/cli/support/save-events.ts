// Events of a log that are removed from the database, saved in a file first.
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { VaultError } from '../../errors.ts';
import type { StoredEvent } from '../../model/audit-event.ts';
import { codeOfUnreadable } from './read-text.ts';

/** Writes events, one JSON object a line, into a new file that only its owner can read. It is on the disk once this
 * returns. Throws `conflict` for a file that exists or cannot be written, and leaves no half file. */
export async function saveEvents(path: string, events: AsyncIterable<StoredEvent>): Promise<void> {
  const failed = (cause: unknown): never => {
    throw new VaultError(
      'conflict',
      `the events that differ cannot be saved in ${path} (${codeOfUnreadable(cause)}): nothing was removed. Name a new file with --out`,
      { cause },
    );
  };
  const file = await open(path, 'wx', 0o600).catch(failed);
  try {
    for await (const { seq, leaf, hash } of events) {
      const [text, digest] = [leaf, hash].map((bytes) => Buffer.from(bytes).toString('base64'));
      await file.writeFile(`${JSON.stringify({ index: seq, leaf: text, hash: digest })}\n`).catch(failed);
    }
    await file.sync().catch(failed);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
  const folder = await open(dirname(path)).catch(failed);
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
