// Text files that a person names on the command line.
import { readFile } from 'node:fs/promises';
import { VaultError } from '../../errors.ts';

/** The text of a file. `what` says which file it is, such as "the policy". Throws `malformed` with the system's code. */
export function readText(file: string, what: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new VaultError('malformed', `cannot read ${what} ${file} (${codeOfUnreadable(cause)})`, { cause });
  });
}

/** The system's code of a failed read, such as ENOENT. */
export function codeOfUnreadable(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
}
