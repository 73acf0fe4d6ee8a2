// Command that encrypts recordings again under new data keys.
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { isReencryptReason, REENCRYPT_REASONS } from '../../model/reencryption.ts';
import type { RequestContext } from '../../vault/core/request-context.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { type ReencryptInput, reencrypt } from '../../vault/reencrypt/reencrypt.ts';
import { recordingIds } from '../support/options.ts';
import { printJson, withVaultUntilStopped } from '../support/with-vault.ts';

type Options = { readonly tenant: string; readonly why: string };

/** Registers `callvault recordings reencrypt`. */
export function reencryptCommand(recordings: Command): void {
  recordings
    .command('reencrypt <id...>')
    .description(
      'encrypt again under new data keys, if a data key may have leaked; deletes the old deposits and their keys',
    )
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--why <code>', REENCRYPT_REASONS.join(', '))
    .action(reencryptAll);
}

async function reencryptAll(ids: readonly string[], { tenant, why }: Options): Promise<void> {
  if (!isReencryptReason(why)) {
    throw new VaultError('malformed', `the reason must be one of ${REENCRYPT_REASONS.join(', ')}`);
  }
  const recordings = recordingIds(ids);
  await withVaultUntilStopped(async ({ vault }, by, request) => {
    for (const recording of recordings) await reencryptOne(vault, by, { tenant, recording, why }, request);
  });
}

/** Continues with the next recording when one fails; the exit code reports the failure. */
async function reencryptOne(vault: Vault, by: Actor, what: ReencryptInput, request: RequestContext): Promise<void> {
  const { recording } = what;
  try {
    for await (const done of reencrypt(vault, by, what, request)) printJson({ recording, ...done });
  } catch (error) {
    if (!(error instanceof VaultError)) throw error;
    process.exitCode = 1;
    printJson({ recording, error: error.code, message: error.message });
  }
}
