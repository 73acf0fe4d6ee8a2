// callvault tenants: create, suspend, resume and list.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import type { StoreLocation } from '../model/tenant.ts';
import { setApiKeyDecisions } from '../vault/tenants/api-key-decisions.ts';
import { createTenant } from '../vault/tenants/create-tenant.ts';
import { resumeTenant, suspendTenant } from '../vault/tenants/suspension.ts';
import { basisKind, wholeNumber } from './support/options.ts';
import { printJson, withVault } from './support/with-vault.ts';

type CreateOptions = {
  readonly country: string;
  readonly defaultBasis: string;
  readonly admin: string;
  readonly approver: readonly string[];
  readonly approverAgeHours: string;
  readonly apiKeyDecisions?: true;
  readonly timeZone?: string;
  readonly key?: string;
  readonly region?: string;
  readonly bucket?: string;
  readonly prefix?: string;
};

/** Adds the commands. */
export function tenantCommands(program: Command): void {
  const tenants = program.command('tenants').description('customer organisations');
  tenants
    .command('create <name>')
    .description('create a tenant with a key of its own, its first admin and approvers')
    .requiredOption('--country <code>', 'how its numbers without country code are read, e.g. GB')
    .requiredOption('--default-basis <kind>', 'legal basis of recordings that name none (none: quarantined)')
    .requiredOption('--admin <name>', 'first admin')
    .requiredOption('--approver <name...>', 'first approvers')
    .option('--approver-age-hours <hours>', 'accounts added later cannot approve until they are this old', '24')
    .option('--api-key-decisions', 'API keys may approve and deny; else people do, after they confirm by passkey')
    .option('--time-zone <name>', 'how its people read times, e.g. Europe/London; else that of its country')
    .option(
      '--key <id>',
      "an existing key of the customer's in the key service, proven by a challenge; else one is made",
    )
    .option('--bucket <name>', 'a bucket of its own')
    .option('--region <name>', 'where that bucket is')
    .option('--prefix <path>', 'where in its bucket')
    .action((name: string, options: CreateOptions) =>
      withVault(async (vault, by, request) => {
        const defaultBasis = basisKind(options.defaultBasis);
        const approverAgeHours = wholeNumber(options.approverAgeHours, '--approver-age-hours', 0);
        const { country, admin, approver: approvers, key: keyId, timeZone, apiKeyDecisions } = options;
        const place = placeOf(options, vault.settings.location);
        const people = { admin, approvers, approverAgeHours, apiKeyDecisions };
        const what = { name, country, defaultBasis, ...people, timeZone, keyId, place };
        printJson(await createTenant(vault, by, what, request));
      }),
    );
  tenants
    .command('suspend <id>')
    .description('nothing goes in or out until it is resumed; its live sessions end')
    .action((id: string) =>
      withVault(async (vault, by, request) => {
        printJson({ tenant: id, state: 'SUSPENDED', sessions_ended: await suspendTenant(vault, by, id, request) });
      }),
    );
  tenants
    .command('resume <id>')
    .description('serve a suspended tenant again')
    .action((id: string) =>
      withVault(async (vault, by, request) => {
        await resumeTenant(vault, by, id, request);
        printJson({ tenant: id, state: 'ACTIVE' });
      }),
    );
  tenants
    .command('api-key-decisions <id> <setting>')
    .description('on: API keys with scope decide may approve and deny; off: people who confirm by passkey alone')
    .action((id: string, setting: string) =>
      withVault(async (vault, by, request) => {
        if (setting !== 'on' && setting !== 'off')
          throw new VaultError('malformed', 'the setting is on or off, like: tenants api-key-decisions ten_… off');
        const policy = await setApiKeyDecisions(vault, by, id, setting === 'on', request);
        printJson({ tenant: id, api_key_decisions: setting, policy });
      }),
    );
  tenants
    .command('list')
    .description('all tenants')
    .action(() =>
      withVault(async (vault, _by, request) => {
        for (const { tenant, name, state, created } of await vault.db.read((rows) => rows.tenants.all(), request)) {
          printJson({ tenant, name, state, created });
        }
      }),
    );
}

/** The deployment's place, or what the options say of another. */
function placeOf({ bucket, region, prefix }: CreateOptions, place: StoreLocation): StoreLocation {
  if (bucket === undefined && region === undefined && prefix === undefined) return place;
  if (place.bucket === '') throw new VaultError('malformed', 'a place of its own needs a store in S3');
  if (bucket === undefined && region !== undefined) throw new VaultError('malformed', 'a region is that of a --bucket');
  const rest = bucket === undefined ? place.prefix : '';
  return { region: region ?? place.region, bucket: bucket ?? place.bucket, prefix: prefix ?? rest };
}
