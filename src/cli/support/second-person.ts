// Options and output of commands that a second person confirms.
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import type { CommandOptions } from '../../vault/changes/by-command.ts';
import type { CarriedOut, CarryOutOptions } from '../../vault/changes/carry-out.ts';
import type { OpenedByCommand } from '../../vault/changes/open-by-command.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { printDecided, waitForChange } from './wait-for-change.ts';
import { printJson } from './with-vault.ts';

/** For what a command does in one transaction. */
const ACT_MS = 60_000;

/** `wait` is true unless `--no-wait` was given. */
export type SecondPersonOptions = { readonly alone?: true; readonly reason?: string; readonly wait: boolean };

/** Adds `--reason`, `--alone` and `--no-wait`. */
export function addSecondPersonOptions(command: Command): Command {
  return addAlone(command.option('--reason <text>', 'shown to the person who confirms'));
}

function addAlone(command: Command): Command {
  return command
    .option('--alone', 'act at once, without the second person: the log says so')
    .option('--no-wait', 'exit once the change is open, and do not wait for the second person');
}

/** Also the change that was approved for this command. */
export type CarryOutCliOptions = SecondPersonOptions & { readonly change?: string };

/** Adds these, and `--change`: for commands that act themselves once their change is approved. */
export function addCarryOutOptions(command: Command): Command {
  return addChange(addSecondPersonOptions(command));
}

/** The same without `--reason`: the deployment has no key to seal one with. */
export function addDeploymentOptions(command: Command): Command {
  return addChange(addAlone(command));
}

function addChange(command: Command): Command {
  return command.option('--change <id>', 'act on this approved change of the same command');
}

/** Throws `malformed` for a reason, which a change of the deployment does not store. */
export function requireNoReason({ reason }: Pick<SecondPersonOptions, 'reason'>): void {
  if (reason !== undefined)
    throw new VaultError('malformed', 'the deployment has no key to seal a reason with: leave out --reason');
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

/**
 * Acts, or opens a change, waits until it is approved, and then acts on it. Prints `opened`, and what `acted` prints.
 * Where the wait ends otherwise, prints how. `within`: how long each attempt may take.
 */
export async function carryOutOrWait<Body, T>(
  vault: Pick<Vault, 'db' | 'metadataKeys' | 'clock' | 'settings'>,
  name: string,
  options: CarryOutCliOptions,
  attempt: (how: CarryOutOptions, request: RequestContext) => Promise<CarriedOut<Body, T>>,
  opened: (body: Body) => object,
  acted: (result: T, body: Body) => void | Promise<void>,
  within = (): RequestContext => ({ signal: vault.clock.deadline(ACT_MS) }),
): Promise<void> {
  const how = { ...commandOptions(name, options), change: options.change ?? null };
  if (how.alone && how.change !== null) throw new VaultError('malformed', 'give only one of --alone and --change');
  const outcome = await attempt(how, within());
  if (outcome.done) return acted(outcome.result, outcome.body);
  const { id } = outcome.change;
  printOpened(outcome, vault.settings.url, opened(outcome.body));
  const goOn = `run the same command with --change ${id}`;
  if (!options.wait) {
    process.stderr.write(`callvault: once it is approved, ${goOn}\n`);
    return;
  }
  const ended = await waitForChange(vault, id, `once it is approved, ${goOn}`);
  if (ended === null) return;
  if (ended.change.state !== 'APPROVED') return printDecided(ended);
  const done = await attempt({ ...how, change: id }, within());
  if (done.done) await acted(done.result, done.body);
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
