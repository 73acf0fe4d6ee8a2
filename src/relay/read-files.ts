// Reading a call's files: a file that cannot be read is that call's fault alone.
import type { Files, OpenFile } from './ports.ts';

/** A file of the call cannot be read. Others can be sealed. */
export class Unreadable extends Error {}

/** Opens a file; null where it does not exist. Throws `Unreadable`. */
export function opened(files: Pick<Files, 'open'>, path: string): Promise<OpenFile | null> {
  return files.open(path).catch((cause: unknown) => {
    throw new Unreadable('not opened', { cause });
  });
}

/** The bytes of a file. Throws `Unreadable`. */
export async function* bytesOf(file: OpenFile): AsyncGenerator<Uint8Array> {
  try {
    yield* file.bytes();
  } catch (cause) {
    throw new Unreadable('not read', { cause });
  }
}
