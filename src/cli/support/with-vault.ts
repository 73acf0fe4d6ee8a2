// Configured vault of one operator command. The engines are loaded only by a command that runs: --help needs none.
import { setMaxListeners } from 'node:events';
import type { Composed } from '../../compose.ts';
import type { Config } from '../../config.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { operatorActor } from '../../vault/core/events/events.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { keepProcessAlive, withStopSignal } from './stop-signal.ts';

const COMMAND_MS = 60_000;
const COMPARE_MS = 60_000;

/**
 * Whether the logs are compared with what was published of them before the work: commands that write do. They also require
 * that no trusted process recorded a later time, unless `startCheck` is false. `markSet` takes each log whose head had another
 * time than its newest event, and was set right; without it, a line says so.
 */
type Comparing = {
  readonly compares: boolean;
  readonly startCheck?: boolean;
  readonly markSet?: (log: string) => void;
};

const COMPARES: Comparing = { compares: true };

/** Runs `work` as the operator named in CALLVAULT_OPERATOR. Throws `config_invalid` without one. */
export async function withVault<T>(
  work: (vault: Vault, by: Actor, request: RequestContext, config: Config) => Promise<T>,
  checks = COMPARES,
): Promise<T> {
  const config = await environmentConfig();
  const by = operatorOf(config);
  const { vault, close } = await composeForCommand(config, checks.markSet);
  try {
    await keepProcessAlive(() => checkFirst(vault, checks));
    return await keepProcessAlive(() => work(vault, by, { signal: vault.clock.deadline(COMMAND_MS) }, config));
  } finally {
    await close();
  }
}

/** Like `withVault`, for a command that writes nothing: the logs are not compared. */
export function withVaultToRead<T>(work: Parameters<typeof withVault<T>>[0]): Promise<T> {
  return withVault(work, { compares: false });
}

/** Like `withVault`, without a deadline: runs until the work is done or a signal stops it. */
export async function withVaultUntilStopped<T>(
  work: (composed: Composed, by: Actor, request: RequestContext) => Promise<T>,
  checks = COMPARES,
): Promise<T> {
  const config = await environmentConfig();
  const by = operatorOf(config);
  const composed = await composeForCommand(config, checks.markSet);
  try {
    await keepProcessAlive(() => checkFirst(composed.vault, checks));
    return await withStopSignal((signal) => {
      // Bulk work adds many listeners to one signal.
      setMaxListeners(0, signal);
      return work(composed, by, { signal });
    });
  } finally {
    await composed.close();
  }
}

async function checkFirst(vault: Vault, { compares, startCheck: judgesClock = compares }: Comparing): Promise<void> {
  if (judgesClock) {
    const { requireClockAtStart } = await import('../../vault/core/trusted-for-age.ts');
    await requireClockAtStart(vault, { signal: vault.clock.deadline(COMPARE_MS) });
  }
  if (compares) await compareFirst(vault);
}

/**
 * Compares the logs before the command writes. One that differs is held: the command fails where it would write to it. What
 * cannot be compared does not stop the command, which may be needed most while the store is unavailable.
 */
async function compareFirst(vault: Vault): Promise<void> {
  if (vault.signer === null) return;
  const { compareLogs } = await import('../../vault/sealing/compare-logs.ts');
  try {
    await compareLogs(vault, { signal: vault.clock.deadline(COMPARE_MS) });
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no answer';
    process.stderr.write(`callvault: ${why}\n`);
  }
}

/** Opens everything in the configuration. The process exits, with a report, where the database file is damaged. */
export async function composeForCommand(config: Config, markSet = sayMarkSet): Promise<Composed> {
  const { compose, DATABASE_DAMAGED } = await import('../../compose.ts');
  return compose(config, () => exitDamaged(DATABASE_DAMAGED), { markSet });
}

/** Says that the time in the head of a log was set right. */
export function sayMarkSet(log: string): void {
  process.stderr.write(
    `callvault: the time in the head of the log of ${log} differed from its newest event: set right\n`,
  );
}

/** The same with a copy of the database instead. Throws as `composeCopy`. */
export async function composeCopyForCommand(copy: Config['database']): Promise<Composed> {
  const { composeCopy, DATABASE_DAMAGED } = await import('../../compose.ts');
  return composeCopy(await environmentConfig(), copy, () => exitDamaged(DATABASE_DAMAGED));
}

function exitDamaged(code: number): never {
  process.stderr.write('callvault: the database file is damaged or cannot be read; see docs/operations/running.md\n');
  process.exit(code);
}

/** The configuration of the environment. Throws `config_invalid`. */
export async function environmentConfig(): Promise<Config> {
  const { readConfig } = await import('../../config.ts');
  return readConfig();
}

/** Operator who runs the command. Throws `config_invalid` without one. */
export function operatorOf({ operator }: Config): Actor {
  if (operator !== null) return operatorActor(operator);
  throw new VaultError(
    'config_invalid',
    'CALLVAULT_OPERATOR is not set: set it to the staff code of the person who runs this command',
  );
}

/** Address of the console for browsers. Throws `config_invalid` if it is not configured. */
export function consoleUrl({ url }: Config): string {
  if (url !== null) return url;
  throw new VaultError('config_invalid', 'CALLVAULT_URL is not set: set it to the address of the console in a browser');
}

/** Prints a line for people. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints one JSON object on one line, for scripts. */
export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
