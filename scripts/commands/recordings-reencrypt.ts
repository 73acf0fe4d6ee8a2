// callvault recordings reencrypt: encrypts again under new data keys.
import type { Command } from 'commander';
import { isId } from '../../src/bytes/ids.ts';
import { VaultError } from '../../src/errors.ts';
import type { Actor } from '../../src/model/audit-event.ts';
import { isReencryptReason, REENCRYPT_REASONS } from '../../src/model/reencryption.ts';
import { type Reencrypt, reencrypt } from '../../src/vault/reencrypt/reencrypt.ts';
import type { Request } from '../../src/vault/request.ts';
import type { Vault } from '../../src/vault/vault.ts';
import { stoppable } from './stoppable.ts';
import { print, withVault } from './with-vault.ts';

type Options = { readonly tenant: string; readonly why: string };

/** Adds the command. */
export function reencryptCommand(recordings: Command): void {
  recordings
    .command('reencrypt <id...>')
    .description('new data keys, for recordings whose data key may be known; the old deposits go with their keys')
    .requiredOption('--tenant <id>')
    .requiredOption('--why <code>', REENCRYPT_REASONS.join(', '))
    .action((ids: readonly string[], options: Options) => stoppable((signal) => reencryptAll(ids, options, signal)));
}

async function reencryptAll(ids: readonly string[], { tenant, why }: Options, signal: AbortSignal): Promise<void> {
  if (!isReencryptReason(why)) {
    throw new VaultError('malformed', `the reason is one of ${REENCRYPT_REASONS.join(', ')}`);
  }
  if (!ids.every((id) => isId(id, 'rec'))) throw new VaultError('malformed', 'not the id of a recording');
  await withVault(async (vault, by) => {
    for (const recording of ids) await reencryptOne(vault, by, { tenant, recording, why }, { signal });
  });
}

/** One that cannot be done keeps no other from being done; the exit code tells of it. */
async function reencryptOne(vault: Vault, by: Actor, what: Reencrypt, request: Request): Promise<void> {
  const { recording } = what;
  try {
    for await (const done of reencrypt(vault, by, what, request)) print({ recording, ...done });
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    process.exitCode = 1;
    print({ recording, error: error.code, message: error.message });
  }
}
