// A command that opened a change and waits for the second person, as a child process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { TOP } from '../docs/documents.ts';
import { builtBin } from './built.ts';
import { type CommandResult, jsonLines } from './run-callvault.ts';
import { until } from './until.ts';
import { environmentOf } from './vault.ts';
import { URL_OF_WORLD } from './world.ts';

/** The environment of commands of the operator `night-shift` over the world in this folder. */
export function nightShift(folder: string): Record<string, string> {
  return { ...environmentOf(folder), CALLVAULT_URL: URL_OF_WORLD, CALLVAULT_OPERATOR: 'night-shift' };
}

/** The process, the change that it opened, and its end. */
export type WaitingCommand = {
  readonly child: ChildProcess;
  readonly change: string;
  readonly ended: Promise<CommandResult>;
};

/** Starts a command. Resolves once it waits for the decision, and a signal would leave the change open. */
export async function startWaiting(
  env: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<WaitingCommand> {
  const whole = { PATH: process.env['PATH'] ?? '', ...env };
  const child = spawn(process.execPath, [builtBin(), ...args], { cwd: TOP, env: whole, stdio: 'pipe' });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  const waits = () => said.err.includes('waiting for the decision') || child.exitCode !== null;
  await until('the command waits', waits, { seen: () => said });
  return { child, change: String(jsonLines(said)[0]?.['change']), ended };
}
