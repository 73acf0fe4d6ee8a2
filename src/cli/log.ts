// Commands about the logs: exporting one for those who check it without callvault.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { logName } from '../model/audit-event.ts';
import { type Difference, heldMessage } from '../model/held-log.ts';
import { verifiersOf } from '../vault/core/proofs/verifier-keys.ts';
import { type ExportNotices, exportLog } from '../vault/sealing/export-log.ts';
import { logFetchCommand } from './log/fetch.ts';
import { logFollowCommand } from './log/follow.ts';
import { logReconcileCommand } from './log/reconcile.ts';
import { logRestoreCommand } from './log/restore.ts';
import { logVerifyCommand } from './log/verify.ts';
import { unwritable } from './support/unwritable.ts';
import { printJson, printLine, withVaultUntilStopped } from './support/with-vault.ts';

type Options = { readonly out: string; readonly json: boolean };

/** How a held log differs, and the sizes of the published checkpoints in its export; null for a log that is not held. */
type Held = { readonly differs: Difference; readonly published: readonly number[] } | null;

/** Registers `callvault log`. */
export function logCommands(program: Command): void {
  const log = program.command('log').description('the audit logs');
  log
    .command('export <log>')
    .description('write a log, up to its newest seal, for verify_log.py: a tenant’s id, or deployment')
    .requiredOption('--out <folder>', 'a new or empty folder')
    .option('--json', 'print one JSON object', false)
    .action((name: string, { out, json }: Options) =>
      withVaultUntilStopped(
        async ({ vault }, by, request) => {
          await requireEmpty(out);
          let [files, bytes] = [0, 0];
          let policies = true;
          let held = null as Held;
          const notices: ExportNotices = {
            withoutPolicies: () => {
              policies = false;
            },
            held: (differs, published) => {
              held = { differs, published };
            },
          };
          for await (const file of exportLog(vault, by, name, request, notices)) {
            await writeNew(join(out, file.path), file.bytes);
            files++;
            bytes += file.bytes.length;
          }
          const { signer, settings } = vault;
          const keys = signer === null ? [] : verifiersOf(signer, logName(settings.origin, name));
          if (held !== null) process.exitCode = 1;
          if (json) return printJson({ log: name, out, files, bytes, policies, keys, held });
          printLine(`${name}: ${files} files, ${bytes} bytes in ${out}`);
          if (!policies) printLine('  without the texts of the policies: the tenant’s key is unavailable');
          if (held !== null) {
            printLine(`  ${heldMessage(name, held.differs)}`);
            printLine(
              held.published.length === 0
                ? '  WITHOUT the checkpoints of store and anchor, which prove it: none could be read'
                : `  checkpoints/ has those of store and anchor, which prove it: ${held.published.join(', ')}`,
            );
          }
          for (const key of keys) printLine(`  key of the signer: ${key}`);
          printLine('  check it with docs/verify_log.py, and with a key that you did not get from here');
        },
        { compares: false },
      ),
    );
  logFetchCommand(log);
  logFollowCommand(log);
  logVerifyCommand(log);
  logReconcileCommand(log);
  logRestoreCommand(log);
}

/** Writes a new file of an export and the folders above it. Throws `conflict` where they cannot be written. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes, { flag: 'wx' });
  } catch (cause) {
    throw unwritable('the export', path, cause);
  }
}

/** Throws `conflict` for a folder that has files, which an export must have nothing of, and for one that cannot be made. */
async function requireEmpty(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw unwritable('the export', folder, cause);
  });
  if ((await readdir(folder)).length > 0) throw new VaultError('conflict', `the folder is not empty: ${folder}`);
}
