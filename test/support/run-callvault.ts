// The bin as a child process, and its output.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { TOP } from '../docs/documents.ts';
import { builtBin } from './built.ts';
import { signerFile } from './signer-file.ts';
import { environmentOf } from './vault.ts';

/** The result of a command. */
export type CommandResult = { readonly code: number | null; readonly out: string; readonly err: string };
export type RunCallvault = (...args: readonly string[]) => Promise<CommandResult>;

/** Runs `callvault` with only this environment. */
export async function runCallvault(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<CommandResult> {
  const whole = { PATH: process.env['PATH'] ?? '', ...env };
  const child = spawn(process.execPath, [builtBin(), ...args], { cwd: TOP, env: whole, stdio: 'pipe' });
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** The environment of `callvault` over the deployment in a folder, with an operator and a signer; `more` overrides it. */
export function binOf(folder: string, more: Readonly<Record<string, string>> = {}): RunCallvault {
  const ours = { CALLVAULT_OPERATOR: 'op-17', CALLVAULT_SIGNER: signerFile(join(folder, 'signer.pem')) };
  return (...args) => runCallvault({ ...environmentOf(folder), ...ours, ...more }, ...args);
}

/** The JSON objects in its output, one a line. */
export function jsonLines({ out }: Pick<CommandResult, 'out'>): Record<string, unknown>[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
