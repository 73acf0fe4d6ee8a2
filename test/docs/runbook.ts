// Runbooks as scripts: their blocks in order, the expected output of each, and a shell that runs them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { builtBin } from '../support/built.ts';
import { textOf } from './documents.ts';

/** Blocks that run anywhere, and those that need AWS: a deployment on KMS, and the AWS CLI. */
export const KINDS = ['sh runbook-test', 'sh aws'] as const;
export type Kind = (typeof KINDS)[number];

/** A block of commands, and lines that its output must contain in this order; `…` in them matches anything. */
export type Block = { readonly kind: string; readonly line: number; readonly body: string; readonly seen: string[] };

/** The fenced blocks of a page. A block `text` is the output of the block before it. */
export function blocksOf(page: string): readonly Block[] {
  const text = textOf(page);
  const found: Block[] = [];
  for (const { 1: info = '', 2: body = '', index } of text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)) {
    const kind = info.trim();
    const line = text.slice(0, index).split('\n').length;
    const last = found.at(-1);
    if (kind === 'text' && last !== undefined) last.seen.push(...body.trimEnd().split('\n'));
    else found.push({ kind, line, body, seen: [] });
  }
  return found;
}

export type Ran = { readonly code: number | null; readonly outputs: readonly string[] };

const MARK = '@@ runbook block';

/**
 * A PATH with a program `callvault` that runs the bin as in a package: a page may run it in the background and end it by its
 * process id. Creates `folder` for it.
 */
export async function pathOfBuilt(folder: string): Promise<string> {
  const bin = join(folder, 'bin');
  await mkdir(bin, { recursive: true });
  const program = `#!/bin/sh\nexec '${process.execPath}' '${builtBin()}' "$@"\n`;
  await writeFile(join(bin, 'callvault'), program, { mode: 0o755 });
  return [bin, process.env['PATH']].join(delimiter);
}

/**
 * Runs blocks in one shell, in the new folder `cwd`; ends with the first that fails. Standard error is in the outputs.
 * Then, or when the signal fires, it ends every process that the page started and left running.
 */
export async function runBlocks(
  blocks: readonly Block[],
  cwd: string,
  env: Record<string, string>,
  signal: AbortSignal,
): Promise<Ran> {
  await mkdir(cwd);
  const script = ['exec 2>&1', ...blocks.flatMap(({ body }) => [`echo '${MARK}'`, body])];
  const shell = spawn('sh', ['-eu'], { cwd, env, stdio: 'pipe', detached: true });
  const end = (): void => {
    try {
      if (shell.pid !== undefined) process.kill(-shell.pid, 'SIGKILL');
    } catch {
      // No process of the group is left.
    }
  };
  signal.addEventListener('abort', end, { once: true });
  let out = '';
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  shell.stdin.end(script.join('\n'));
  const [code] = (await once(shell, 'close')) as [number | null];
  signal.removeEventListener('abort', end);
  end();
  return { code, outputs: out.split(`${MARK}\n`).slice(1) };
}

/** The first expected line that the output does not have after the earlier ones, with the output; null if there is none. */
export function missing(
  seen: readonly string[],
  output: string,
): { readonly line: string; readonly in: string } | null {
  let rest = output.split('\n');
  for (const line of seen) {
    if (line.trim() === '…') continue;
    const at = rest.findIndex((one) => isSeen(line, one));
    if (at < 0) return { line, in: output };
    rest = rest.slice(at + 1);
  }
  return null;
}

/** Whether a line matches, with runs of blanks as one: the width of columns depends on their content. */
function isSeen(line: string, one: string): boolean {
  const narrow = (text: string): string => text.trim().replace(/\s+/g, ' ');
  const parts = narrow(line)
    .split('…')
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(narrow(one));
}
