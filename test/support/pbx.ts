// The machine of a telephone system: a folder with a recording and a credential, and a shell that runs the recipes' script.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOP } from '../docs/documents.ts';
import { type ProgramResult, runProgram } from './run-program.ts';

/** The recipes' script. */
export const UPLOAD = join(TOP, 'docs/recipes/callvault-upload.sh');

export type Pbx = ReturnType<typeof makePbx>;

/** Creates a folder with the credential of a key; `end` removes it. */
export function makePbx(key: string) {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-pbx-'));
  const config = join(folder, 'upload.curl');
  /** The configuration from the page, with short waits between retries. */
  const configure = (secret: string, mode = 0o600): void => {
    writeFileSync(config, `user = "key_${secret.slice(3, 29)}:${secret}"\nretry = 2\nretry-delay = 1\n`);
    chmodSync(config, mode);
  };
  configure(key);
  const path = process.env['PATH'] ?? '';
  /** Runs a command as system(3) does. */
  const shell = (command: string, first = ''): Promise<ProgramResult> => {
    const env = { PATH: first === '' ? path : `${first}:${path}`, CALLVAULT_UPLOAD_CONFIG: config };
    return runProgram('/bin/sh', ['-c', command], { cwd: folder, env });
  };
  /** Runs the script with these arguments; `first` comes before PATH. */
  const upload = (args: readonly string[], first = ''): Promise<ProgramResult> => {
    const env = { PATH: first === '' ? path : `${first}:${path}`, CALLVAULT_UPLOAD_CONFIG: config };
    return runProgram(UPLOAD, args, { cwd: folder, env });
  };
  return { folder, configure, shell, upload, end: () => rmSync(folder, { recursive: true, force: true }) };
}
