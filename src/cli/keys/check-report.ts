// callvault keys check-report: whether a report is the one that was signed. It needs no service, database or key service.
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import { openReport } from '../../vault/keys/rewrap/report.ts';
import { printJson } from '../support/with-vault.ts';

/** Adds the command. */
export function checkReportCommand(keys: Command): void {
  keys
    .command('check-report <file>')
    .description('check the signature of a re-wrap report, and print what it says and its hash, which the log has too')
    .requiredOption('--verifier <key>', 'the verifier key, as whoever runs the vault gave it to you')
    .action(async (file: string, { verifier }: { readonly verifier: string }) => {
      const note = await readFile(file, 'utf8').catch((cause: unknown) => {
        throw new VaultError('malformed', 'the report cannot be read', { cause });
      });
      const { report, sha256 } = openReport(note, verifier);
      printJson({ verified: true, sha256, report });
    });
}
