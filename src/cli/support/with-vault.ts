// Opens the configured vault for one operator command.
import { setMaxListeners } from 'node:events';
import { type Composed, compose, DATABASE_DAMAGED } from '../../compose.ts';
import { type Config, readConfig } from '../../config.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { operatorActor } from '../../vault/core/events/events.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { keepProcessAlive, withStopSignal } from './stop-signal.ts';

const COMMAND_MS = 60_000;

/** Runs `work` as the operator named in CALLVAULT_OPERATOR. Throws `config_invalid` where nobody is named. */
export async function withVault<T>(
  work: (vault: Vault, by: Actor, request: RequestContext, config: Config) => Promise<T>,
): Promise<T> {
  const config = readConfig();
  const by = operatorOf(config);
  const { vault, close } = await compose(config, databaseDamaged);
  try {
    return await keepProcessAlive(() => work(vault, by, { signal: vault.clock.deadline(COMMAND_MS) }, config));
  } finally {
    await close();
  }
}

/** The same for work that takes as long as it takes: it goes on until it is done, or somebody stops it. */
export async function withVaultUntilStopped<T>(
  work: (composed: Composed, by: Actor, request: RequestContext) => Promise<T>,
): Promise<T> {
  const config = readConfig();
  const by = operatorOf(config);
  const composed = await compose(config, databaseDamaged);
  try {
    return await withStopSignal((signal) => {
      // Bulk work waits for many things under one signal.
      setMaxListeners(0, signal);
      return work(composed, by, { signal });
    });
  } finally {
    await composed.close();
  }
}

/** Ends a command whose database file is damaged. */
export function databaseDamaged(): never {
  process.stderr.write(
    'callvault: the database file is damaged or cannot be read; docs/operations/running.md says what to do\n',
  );
  process.exit(DATABASE_DAMAGED);
}

/** Who gives the command. Throws `config_invalid` where nobody is named. */
export function operatorOf({ operator }: Config): Actor {
  if (operator !== null) return operatorActor(operator);
  throw new VaultError('config_invalid', 'CALLVAULT_OPERATOR must name who gives this command, by staff code');
}

/** Where browsers find the console. Throws `config_invalid` where that is not configured. */
export function consoleUrl({ url }: Config): string {
  if (url !== null) return url;
  throw new VaultError('config_invalid', 'CALLVAULT_URL must say where browsers find the console');
}

/** A line for people. */
export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Prints what a command made: one JSON object a line, so that scripts can read it. */
export function printJson(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
