// Command that restores rows of a tenant from the bucket alone; existing rows stay unchanged.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import type { Actor } from '../model/audit-event.ts';
import { beginRebuild } from '../vault/commands/rebuild.ts';
import type { RequestContext } from '../vault/core/request-context.ts';
import type { Vault } from '../vault/core/vault.ts';
import type { TrustedKeys } from '../vault/offline/trusted-keys.ts';
import { rebuildIndex } from '../vault/rebuild/rebuild.ts';
import { type RebuiltTenant, rebuildTenant, type TenantDescription } from '../vault/rebuild/tenant.ts';
import {
  addTrustedKeyOptions,
  basisKind,
  type TrustedKeyOptions,
  trustedKeysFrom,
  wholeNumber,
} from './support/options.ts';
import { createProgress } from './support/progress.ts';
import { addDeploymentOptions, type CarryOutCliOptions, carryOutOrWait } from './support/second-person.ts';
import { withVaultUntilStopped } from './support/with-vault.ts';

type Options = TrustedKeyOptions &
  CarryOutCliOptions & {
    readonly tenant: string;
    readonly name?: string;
    readonly country?: string;
    readonly defaultBasis?: string;
    readonly approverAgeHours: string;
    readonly json: boolean;
  };

/** Registers `callvault rebuild-index`. */
export function rebuildIndexCommand(program: Command): void {
  const command = program
    .command('rebuild-index')
    .description(
      'restore a tenant’s rows from its blobs, once another operator confirms; restored recordings are quarantined, people are not restored',
    )
    .requiredOption('--tenant <id>', 'id of the tenant');
  addDeploymentOptions(addTrustedKeyOptions(command))
    .option('--name <name>', 'name of the tenant, if the database has no row of it')
    .option('--country <code>', 'country of the tenant, e.g. GB, for phone numbers without a country code')
    .option('--default-basis <kind>', 'legal basis of recordings uploaded without one')
    .option('--approver-age-hours <hours>', 'hours before a new account can approve', '24')
    .option('--json', 'print one JSON object per problem, and one at the end', false)
    .action((options: Options) =>
      withVaultUntilStopped(({ vault }, by, request) => rebuild(vault, by, options, request)),
    );
}

function rebuild(vault: Vault, by: Actor, options: Options, request: RequestContext): Promise<void> {
  const { tenant } = options;
  const trusted = trustedKeysFrom(options);
  const what = { tenant, place: vault.settings.location, described: describedTenant(options) };
  return carryOutOrWait(
    vault,
    'rebuild-index',
    options,
    (how, within) => beginRebuild(vault, by, what, trusted, how, within),
    () => ({ tenant }),
    () => run(vault, by, { what, trusted, json: options.json }, request),
    () => request,
  );
}

type Run = { readonly what: RebuiltTenant; readonly trusted: TrustedKeys; readonly json: boolean };

async function run(vault: Vault, by: Actor, { what, trusted, json }: Run, request: RequestContext): Promise<void> {
  const { tenant } = what;
  const { row, made } = await rebuildTenant(vault, by, what, trusted, request);
  const progress = createProgress({ json });
  const listener = {
    total: progress.total,
    step: progress.step,
    problem: (problem: { readonly kind: string; readonly path: string }) =>
      progress.note(json ? JSON.stringify(problem) : `✗ ${problem.kind.padEnd(17)} ${problem.path}`),
  };
  try {
    const done = await rebuildIndex(vault, by, row, trusted, listener, request);
    progress.end();
    const { erasedCalls, ingestKeys, ...counts } = done;
    const { envelopes, known, erased, recordings, deposits, entries, problems } = counts;
    const calls = erasedCalls === 0 ? '' : `, ${erasedCalls} erased ${erasedCalls === 1 ? 'call' : 'calls'} noted`;
    const rest = `${known} had rows, ${erased} were erased${calls}, ${problems} problems`;
    const restored = `${recordings} recordings, ${deposits} deposits and ${entries} later changes restored`;
    const text = `${envelopes} envelopes: ${restored}, ${rest}`;
    const more = { erased_calls: erasedCalls, ingest_keys: ingestKeys };
    const summary = { tenant, tenant_restored: made, ...counts, ...more };
    progress.note(json ? JSON.stringify({ summary }) : `${problems === 0 ? '✓' : '✗'} ${tenant}  ${text}`);
    if (!json && ingestKeys > 0) progress.note(`  ${ingestKeys} ingest keys restored`);
    if (!json)
      progress.note('  calls without audio are not restored: their platforms must send what they said of them again');
    if (problems > 0) process.exitCode = 1;
  } finally {
    progress.end();
  }
}

/**
 * The operator's description of a tenant without a row, or null without one. Throws `malformed` for an incomplete one.
 */
function describedTenant({ name, country, defaultBasis, approverAgeHours }: Options): TenantDescription | null {
  if (name === undefined && country === undefined && defaultBasis === undefined) return null;
  if (name === undefined || country === undefined || !/^[A-Z]{2}$/.test(country)) {
    throw new VaultError('malformed', 'a tenant needs --name and --country, and the country is two capital letters');
  }
  const hours = wholeNumber(approverAgeHours, '--approver-age-hours', 0);
  return { name, country, defaultBasis: basisKind(defaultBasis), approverAgeHours: hours };
}
