// Env files: NAME=value lines that systemd, a POSIX shell and this command line read alike.
import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { VaultError } from '../../errors.ts';

/** Needs no quotes. Docker would keep quotes as part of the value, so none are written without need. */
const PLAIN = /^[A-Za-z0-9_@%+=:,./~-]*$/;
/** What the readers escape differently inside double quotes. */
const SPECIAL = /["\\$`\p{Cc}]/u;

/** The variables of an env file. Throws `config_invalid` where it cannot be read. */
export function readEnvFile(file: string): Readonly<Record<string, string>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new VaultError('config_invalid', `the env file ${file} cannot be read (${why})`);
  }
  return parseEnv(text) as Record<string, string>;
}

/** The lines of an env file. Throws `malformed` for a value that its readers would not read alike. */
export function envLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => {
      if (SPECIAL.test(value))
        throw new VaultError('malformed', `${name} holds a character that an env file cannot carry: " \\ $ or \``);
      return PLAIN.test(value) ? `${name}=${value}\n` : `${name}="${value}"\n`;
    })
    .join('');
}
