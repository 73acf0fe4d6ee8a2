// Opens the configured vault for one operator command.
import { compose } from '../../src/compose.ts';
import { type Config, readConfig } from '../../src/config.ts';
import { VaultError } from '../../src/errors.ts';
import type { Actor } from '../../src/model/audit-event.ts';
import { operatorActor } from '../../src/vault/log/events.ts';
import type { Request } from '../../src/vault/request.ts';
import type { Vault } from '../../src/vault/vault.ts';

const COMMAND_MS = 60_000;

/** Runs `work` as the operator named in CALLVAULT_OPERATOR. Throws `config_invalid` where nobody is named. */
export async function withVault<T>(
  work: (vault: Vault, by: Actor, request: Request, config: Config) => Promise<T>,
): Promise<T> {
  const config = readConfig();
  if (config.operator === null) {
    throw new VaultError('config_invalid', 'CALLVAULT_OPERATOR must name who gives this command, by staff code');
  }
  const { vault, close } = await compose(config, () => process.exit(70));
  try {
    return await work(vault, operatorActor(config.operator), { signal: vault.clock.deadline(COMMAND_MS) }, config);
  } finally {
    await close();
  }
}

/** Prints what a command made: one JSON object a line, so that scripts can read it. */
export function print(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
