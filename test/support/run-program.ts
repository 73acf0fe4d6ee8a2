// A program run to its end, and its output.
import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The result of a program. */
export type ProgramResult = { readonly code: number | null; readonly out: string; readonly err: string };

/** Runs a program and collects its output. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<ProgramResult> {
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ended.err += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...ended };
}
