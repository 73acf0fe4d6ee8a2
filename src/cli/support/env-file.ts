// Env files: NAME=value lines that systemd, a POSIX shell and this command line read alike.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { VaultError } from '../../errors.ts';
import { codeOfUnreadable } from './read-text.ts';

/** Values that need no quotes. Docker keeps quotes as part of a value, so quotes are written only where needed. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./~-]*$/;
/** Characters that the readers escape differently inside double quotes. */
const SPECIAL = /["\\$`\p{Cc}]/u;

/** Variables of an env file. Throws `config_invalid` for an unreadable file. */
export function readEnvFile(file: string): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new VaultError('config_invalid', `cannot read the env file ${file} (${codeOfUnreadable(error)})`);
  }
  return parseEnv(text) as Record<string, string>;
}

/** Lines of an env file. Throws `malformed` for a value that its readers would parse differently. */
export function envLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      if (SPECIAL.test(value))
        throw new VaultError('malformed', `${name} has a character that an env file cannot contain: " \\ $ or \``);
      return PLAIN.test(value) ? `${name}=${value}\n` : `${name}="${value}"\n`;
    })
    .join('');
}
