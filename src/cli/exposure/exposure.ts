// Command that reports which recordings a person, an API key, a key or a host could have opened, and whose subjects to
// notify.
import { writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { VaultError } from '../../errors.ts';
import { TARGET_KINDS, type TargetKind } from '../../model/exposure.ts';
import { readExposure } from '../../vault/exposure/exposure.ts';
import { withVaultUntilStopped } from '../support/with-vault.ts';
import { csvOf, jsonOf, tableOf } from './exposure-text.ts';

type Options = {
  readonly tenant: string;
  readonly since: string;
  readonly until?: string;
  readonly person?: string;
  readonly apiKey?: string;
  readonly key?: string;
  readonly node?: string;
  readonly json: boolean;
  readonly csv?: string;
};

/** Registers `callvault exposure`. */
export function exposureCommand(program: Command): void {
  program
    .command('exposure')
    .description('report from the log what a person, API key, key or host could have opened; the log records the query')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--since <time>', 'start of the period (RFC 3339), e.g. 2026-07-01 or 2026-07-01T08:00:00Z')
    .option('--until <time>', 'end of the period (default: now)')
    .option('--person <id>', 'report on a person or a service')
    .option('--api-key <id>', 'report on an API key')
    .option('--key <id>', 'report on a key encryption key: its id in keys census, or that of a tenant KEK')
    .option('--node <name>', 'report on a host, by its CALLVAULT_NODE')
    .option('--json', 'print one JSON object', false)
    .option('--csv <file>', 'also write one line for each recording and subject to a new file')
    .action(printExposure);
}

async function printExposure(options: Options): Promise<void> {
  const { tenant } = options;
  const until = options.until === undefined ? null : timeOf(options.until, '--until');
  const query = { tenant, ...targetOf(options), since: timeOf(options.since, '--since'), until };
  const found = await withVaultUntilStopped(({ vault }, by, request) => readExposure(vault, by, query, request));
  if (options.csv !== undefined) await writeNewFile(options.csv, csvOf(found));
  process.stdout.write(options.json ? `${JSON.stringify(jsonOf(found))}\n` : tableOf(found));
}

function targetOf(options: Options): { readonly kind: TargetKind; readonly id: string } {
  const given = { person: options.person, 'api-key': options.apiKey, key: options.key, node: options.node };
  const [kind, more] = TARGET_KINDS.filter((name) => given[name] !== undefined);
  const id = kind === undefined ? undefined : given[kind];
  if (kind === undefined || id === undefined || more !== undefined) {
    throw new VaultError('malformed', 'give exactly one of --person, --api-key, --key and --node');
  }
  return { kind, id };
}

const TIME = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/;

/** Time in UTC; a day is its midnight in UTC. */
function timeOf(text: string, option: string): string {
  const time = TIME.test(text) ? new Date(text) : null;
  if (time === null || Number.isNaN(time.getTime())) {
    throw new VaultError('malformed', `${option} must be a day, or a time with an offset such as 2026-07-01T08:00:00Z`);
  }
  return time.toISOString();
}

/** Writes a new file with mode 0600, because it has personal data. Never overwrites a file. */
async function writeNewFile(path: string, lines: Iterable<string>): Promise<void> {
  try {
    await writeFile(path, lines, { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    throw new VaultError(
      'malformed',
      'cannot create the file of --csv: it must not exist yet, and its folder must be writable',
      { cause },
    );
  }
}
