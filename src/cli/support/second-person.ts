// Options and output of commands that a second person confirms.
import type { Command } from 'commander';
import type { CommandOptions, OpenedByCommand } from '../../vault/changes/by-command.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { printDecided, waitForChange } from './wait-for-change.ts';
import { printJson } from './with-vault.ts';

/** `wait` is true unless `--no-wait` was given. */
export type SecondPersonOptions = { readonly alone?: true; readonly reason?: string; readonly wait: boolean };

/** Adds `--alone`, `--reason` and `--no-wait`. */
export function addSecondPersonOptions(command: Command): Command {
  return command
    .option('--reason <text>', 'shown to the person who confirms')
    .option('--alone', 'act at once, without the second person: the log says so')
    .option('--no-wait', 'exit once the change is open, and do not wait for the second person');
}

/** How the command acts; `name` is its reason where none was given. */
export function commandOptions(name: string, { alone, reason }: SecondPersonOptions): CommandOptions {
  return { note: reason ?? `callvault ${name}`, alone: alone === true };
}

/**
 * Prints what was done; or `opened` with the change that waits for a second person and where it is confirmed, then waits
 * and prints how it ended.
 */
export async function printOutcome(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'clock' | 'settings'>,
  outcome: { readonly done: true } | OpenedByCommand,
  { wait }: Pick<SecondPersonOptions, 'wait'>,
  done: object,
  opened: object,
): Promise<void> {
  if (outcome.done) {
    printJson(done);
    return;
  }
  printOpened(outcome, vault.settings.url, opened);
  if (!wait) return;
  const ended = await waitForChange(vault, outcome.change.id);
  if (ended !== null) printDecided(ended);
}

/** Prints the change that a command opened, and to stderr who signs it, who confirms it and where. */
function printOpened({ change, confirmer, signs }: OpenedByCommand, url: string | null, opened: object): void {
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
