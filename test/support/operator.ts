// An operator's command as a process of its own, and what it printed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { TOP } from '../docs/documents.ts';

/** How a command ended. */
export type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs the bin with this environment alone. */
export async function callvault(env: Record<string, string>, ...args: readonly string[]): Promise<Ended> {
  const whole = { PATH: process.env['PATH'] ?? '', ...env };
  const child = spawn(process.execPath, ['scripts/callvault.js', ...args], { cwd: TOP, env: whole, stdio: 'pipe' });
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

/** The JSON objects that it printed, one a line. */
export function lines({ out }: Pick<Ended, 'out'>): Record<string, unknown>[] {
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
