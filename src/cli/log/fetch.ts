// Command that fetches a sealed log over HTTP into a folder, for auditors with an API key.
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import { readText } from '../support/read-text.ts';
import { withStopSignal } from '../support/stop-signal.ts';
import { printJson, printLine } from '../support/with-vault.ts';
import { fetchLog } from './fetch-log.ts';
import { logClient } from './log-client.ts';
import { parseKey } from './verify.ts';

type Options = {
  readonly out: string;
  readonly key: readonly string[];
  readonly apiKeyFile: string;
  readonly json: boolean;
};

/** Registers `callvault log fetch`. */
export function logFetchCommand(log: Command): void {
  log
    .command('fetch <url>')
    .description('fetch a sealed log from the service into a folder, for log verify; again to continue it')
    .requiredOption('--out <folder>', 'a new folder, or one that this command wrote')
    .requiredOption('--key <vkey...>', 'verifier keys of the log’s signer, from a place that operators cannot change')
    .requiredOption('--api-key-file <file>', 'a file with the API key of an auditor')
    .option('--json', 'print one JSON object', false)
    .action((url: string, { out, key, apiKeyFile, json }: Options) =>
      withStopSignal(async (signal) => {
        const keys = key.map(parseKey);
        const client = logClient(url, await apiKeyIn(apiKeyFile), signal);
        const fetched = await fetchLog(client, out, keys);
        if (json) return printJson({ ...fetched, out });
        printLine(`${fetched.log}: ${fetched.events} events in ${out}, ${fetched.added} of them new`);
        if (fetched.policies === null) printLine(`  without texts of the policy: ${fetched.without}`);
        else printLine(`  with the texts of ${fetched.policies} versions of the policy`);
        printLine('  check them with callvault log verify');
      }),
    );
}

/** The key in a file: never in arguments, which others on the machine see. Throws `malformed`. */
export async function apiKeyIn(file: string): Promise<string> {
  const key = (await readText(file, 'the API key')).trim();
  if (/^cv_[\x21-\x7e]{1,500}$/.test(key)) return key;
  throw new VaultError('malformed', `${file} has no API key: cv_…`);
}
