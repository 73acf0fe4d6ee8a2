// Command that checks the signature of a re-wrap report, without service, database or key service.
import type { Command } from 'commander';
import { openReport } from '../../vault/keys/rewrap/report.ts';
import { readText } from '../support/read-text.ts';
import { printJson } from '../support/with-vault.ts';

/** Registers `callvault keys check-report`. */
export function checkReportCommand(keys: Command): void {
  keys
    .command('check-report <file>')
    .description('check the signature of a re-wrap report; print the report and its SHA-256, which the log records too')
    .requiredOption('--verifier <key>', "the verifier key, as the vault's operator gave it to you")
    .action(async (file: string, { verifier }: { readonly verifier: string }) => {
      const note = await readText(file, 'the report');
      const { report, sha256 } = openReport(note, verifier);
      printJson({ verified: true, sha256, report });
    });
}
