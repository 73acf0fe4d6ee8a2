// Options and output of commands that a second person confirms.
import type { Command } from 'commander';
import type { CommandOptions, OpenedByCommand } from '../../vault/changes/by-command.ts';
import { printJson } from './with-vault.ts';

export type SecondPersonOptions = { readonly alone?: true; readonly reason?: string };

/** Adds `--alone` and `--reason`. */
export function addSecondPersonOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'shown to the person who confirms')
    .option('--alone', 'act at once, without the second person: the log says so');
}

/** How the command acts; `name` is its reason where none was given. */
export function commandOptions(name: string, { alone, reason }: SecondPersonOptions): CommandOptions {
  return { note: reason ?? `callvault ${name}`, alone: alone === true };
}

/** Prints what was done, or `opened` with the change that waits: who signs and who confirms it, and where. */
export function printOutcome(
  outcome: { readonly done: true } | OpenedByCommand,
  url: string | null,
  done: object,
  opened: object,
): void {
  if (outcome.done) {
    printJson(done);
    return;
  }
  const { change, confirmer, signs } = outcome;
  const at = url === null ? {} : { url: `${url}/changes/${change.id}` };
  const state = change.state.toLowerCase();
  const signed = signs ? { signed_by: change.proposer } : {};
  printJson({
    ...opened,
    change: change.id,
    state,
    ...signed,
    confirmed_by: confirmer,
    ...at,
    expires: change.expires,
  });
  const who = confirmer === 'admin' ? 'an admin of the tenant' : 'another operator';
  const where = url === null ? 'in the console' : `at ${url}/changes/${change.id}`;
  const first = signs
    ? `the operator ${change.proposer} must sign ${change.id} ${where}, then ${who} confirms it`
    : null;
  const needed = first ?? `${who} must confirm ${change.id} ${where}`;
  process.stderr.write(`callvault: nothing is changed yet: ${needed}\n`);
}
