// The bin as a process, over the deployment in a folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { TOP } from '../docs/documents.ts';
import { environmentOf } from './vault.ts';

export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };
export type Bin = (...args: readonly string[]) => Promise<Ended>;

/** Runs `callvault` with the environment of `environmentOf(folder)`, an operator and a signer; `more` wins. */
export function binOf(folder: string, more: Readonly<Record<string, string>> = {}): Bin {
  const env = {
    PATH: process.env['PATH'] ?? '',
    ...environmentOf(folder),
    CALLVAULT_OPERATOR: 'op-17',
    CALLVAULT_SIGNER: join(folder, 'signer.pem'),
    ...more,
  };
  return async (...args) => {
    const child = spawn(process.execPath, ['scripts/callvault.js', ...args], { cwd: TOP, env, stdio: 'pipe' });
    let [out, err] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      err += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out, err };
  };
}
