// The error about a file or folder that a command cannot write.
import { VaultError } from '../../errors.ts';
import { codeOfUnreadable } from './read-text.ts';

/** The error `conflict` about what cannot be written in `path`, such as "the export", with the system's code, such as ENOSPC. */
export function unwritable(what: string, path: string, cause: unknown): VaultError {
  return new VaultError('conflict', `${what} cannot be written: ${path} (${codeOfUnreadable(cause)})`, { cause });
}
