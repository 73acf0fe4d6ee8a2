// The file with an uploader's credential: on its own line, or as curl's configuration has it.
import { readFile, stat } from 'node:fs/promises';
import { VaultError } from '../errors.ts';

const CREDENTIAL = /(?:^|[:"\s])(cv_[0-7][0-9a-hjkmnp-tv-z]{25}_[A-Za-z0-9_-]{43})(?:["\s]|$)/;

/** The secret `cv_…` in a file. Throws `config_invalid` for a file without one, or one that others can read. */
export async function readCredential(path: string): Promise<string> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new VaultError('config_invalid', `others can read ${path}: chmod 0600 ${path}`);
    }
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof VaultError) throw error;
    throw new VaultError('config_invalid', `${path} with the credential cannot be read`, { cause: error });
  }
  const credential = CREDENTIAL.exec(text)?.[1];
  if (credential === undefined) throw new VaultError('config_invalid', `${path} has no API key cv_…`);
  return credential;
}
