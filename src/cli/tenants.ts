// Commands that create, suspend, resume and list tenants.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import type { SettingsPatch } from '../model/change/settings.ts';
import type { StoreLocation } from '../model/tenant.ts';
import { isTimeZone } from '../model/time-zone.ts';
import { changeByCommand } from '../vault/changes/by-command.ts';
import { readSettingsByCommand } from '../vault/changes/read.ts';
import { createFirstIngestKey } from '../vault/keys/ingest/create.ts';
import { openOwnGate } from '../vault/replay/open-own-gate.ts';
import { setApiKeyDecisions } from '../vault/tenants/api-key-decisions.ts';
import { createTenant } from '../vault/tenants/create-tenant.ts';
import { resumeTenant, suspendTenant } from '../vault/tenants/suspension.ts';
import { announcementFor } from './support/announcement.ts';
import { basisKind, wholeNumber } from './support/options.ts';
import {
  addSecondPersonOptions,
  commandOptions,
  printOutcome,
  type SecondPersonOptions,
} from './support/second-person.ts';
import { printJson, withVault, withVaultToRead } from './support/with-vault.ts';

type CreateOptions = {
  readonly country: string;
  readonly defaultBasis: string;
  readonly admin: string;
  readonly approver: readonly string[];
  readonly approverAgeHours: string;
  readonly apiKeyDecisions?: true;
  readonly timeZone?: string;
  readonly announcement?: string;
  readonly announcementLanguage?: string;
  readonly key?: string;
  readonly region?: string;
  readonly bucket?: string;
  readonly prefix?: string;
};

type SettingsOptions = {
  readonly defaultBasis?: string;
  readonly defaultNotice?: string;
  readonly timeZone?: string;
  readonly searchable?: readonly string[];
  readonly source?: readonly string[];
  readonly apiKeyDecisions?: string;
  readonly approverAgeHours?: string;
};

/** Registers `callvault tenants`. */
export function tenantCommands(program: Command): void {
  const tenants = program.command('tenants').description('customer organisations');
  tenants
    .command('create <name>')
    .description('create a tenant with its key, its first admin and its first approvers')
    .requiredOption('--country <code>', 'country of the tenant, e.g. GB, for phone numbers without a country code')
    .requiredOption('--default-basis <kind>', 'legal basis of recordings uploaded without one (none: quarantine them)')
    .requiredOption('--admin <name>', 'name of the first admin')
    .requiredOption('--approver <name...>', 'names of the first approvers')
    .option('--approver-age-hours <hours>', 'hours before accounts added later can approve', '24')
    .option('--api-key-decisions', 'let API keys approve and deny (default: only people who confirm by passkey)')
    .option(
      '--announcement <text>',
      'words that every caller hears before recording begins; without it, only calls that name consent open quality and training',
    )
    .option('--announcement-language <tag>', 'its language, e.g. zh-CN (default: en)')
    .option('--time-zone <name>', 'time zone of its people, e.g. Europe/London (default: that of its country)')
    .option('--key <id>', 'existing key of the customer, proven by a challenge (default: a new key)')
    .option('--bucket <name>', 'separate bucket for this tenant')
    .option('--region <name>', 'region of that bucket')
    .option('--prefix <path>', 'prefix of its objects in the bucket')
    .action((name: string, options: CreateOptions) =>
      withVault(async (vault, by, request) => {
        const defaultBasis = basisKind(options.defaultBasis);
        const approverAgeHours = wholeNumber(options.approverAgeHours, '--approver-age-hours', 0);
        const { country, admin, approver: approvers, key: keyId, timeZone, apiKeyDecisions } = options;
        const place = placeOf(options, vault.settings.location);
        const people = { admin, approvers, approverAgeHours, apiKeyDecisions };
        const announcement = await announcementFor(options, defaultBasis, null);
        const what = { name, country, defaultBasis, announcement, ...people, timeZone, keyId, place };
        const made = await createTenant(vault, by, what, request);
        await createFirstIngestKey(vault, by, made.tenant, request);
        printJson(made);
      }),
    );
  tenants
    .command('suspend <id>')
    .description('suspend a tenant: ends live sessions and rejects every request until it is resumed')
    .action((id: string) =>
      withVault(async (vault, by, request) => {
        printJson({ tenant: id, state: 'SUSPENDED', sessions_ended: await suspendTenant(vault, by, id, request) });
      }),
    );
  tenants
    .command('resume <id>')
    .description('resume a suspended tenant')
    .action((id: string) =>
      withVault(async (vault, by, request) => {
        await resumeTenant(vault, by, id, request);
        printJson({ tenant: id, state: 'ACTIVE' });
      }),
    );
  addSecondPersonOptions(
    tenants
      .command('settings <id>')
      .description('print the settings of a tenant, or change them once its admin or another operator confirms')
      .option('--default-basis <kind>', 'legal basis of recordings uploaded without one (none: quarantine them)')
      .option('--default-notice <notice>', 'notice that every caller hears, as ntc_…/2: the default names it; none')
      .option('--time-zone <name>', 'time zone of its people, e.g. Europe/London; country: that of its country')
      .option('--searchable <field...>', 'fields that recordings can be found by; none: no field')
      .option(
        '--source <name=service...>',
        'sources that belong to another service than that of their first upload; none: no source',
      )
      .option('--api-key-decisions <setting>', 'on or off: whether API keys may approve and deny')
      .option('--approver-age-hours <hours>', 'hours before accounts can approve'),
  ).action((id: string, options: SettingsOptions & SecondPersonOptions) =>
    withVault(async (vault, by, request) => {
      const settings = settingsIn(options);
      if (Object.keys(settings).length === 0) {
        printJson({ tenant: id, ...(await readSettingsByCommand(vault, id, request)) });
        return;
      }
      const how = commandOptions('tenants settings', options);
      await openOwnGate(vault, id, request);
      const outcome = await changeByCommand(vault, by, id, { kind: 'settings', settings }, how, request);
      await printOutcome(vault, outcome, options, { tenant: id, ...settings }, { tenant: id, ...settings });
    }),
  );
  addSecondPersonOptions(
    tenants
      .command('api-key-decisions <id> <setting>')
      .description('on: API keys with the scope decide may approve and deny; off: only people who confirm by passkey'),
  ).action((id: string, setting: string, options: SecondPersonOptions) =>
    withVault(async (vault, by, request) => {
      const allowed = onOrOff(setting, 'tenants api-key-decisions ten_… off');
      const how = commandOptions('tenants api-key-decisions', options);
      await openOwnGate(vault, id, request);
      const outcome = await setApiKeyDecisions(vault, by, id, allowed, how, request);
      const { policy } = outcome.body.kind === 'settings' ? outcome.body : {};
      const opened = { tenant: id, api_key_decisions: setting };
      await printOutcome(vault, outcome, options, { ...opened, policy }, opened);
    }),
  );
  tenants
    .command('list')
    .description('list all tenants')
    .action(() =>
      withVaultToRead(async (vault, _by, request) => {
        for (const { tenant, name, state, created } of await vault.db.read((rows) => rows.tenants.all(), request)) {
          printJson({ tenant, name, state, created });
        }
      }),
    );
}

/** The settings that the options name. Throws `malformed`. */
function settingsIn(options: SettingsOptions): SettingsPatch {
  const { defaultBasis, defaultNotice, timeZone, searchable, source, apiKeyDecisions, approverAgeHours } = options;
  const age = approverAgeHours;
  return {
    ...(defaultBasis === undefined ? {} : { default_basis: basisKind(defaultBasis) }),
    ...(defaultNotice === undefined ? {} : { default_notice: defaultNotice === 'none' ? null : defaultNotice }),
    ...(timeZone === undefined ? {} : { time_zone: timeZoneOf(timeZone) }),
    ...(searchable === undefined ? {} : { searchable: searchable.filter((name) => name !== 'none') }),
    ...(source === undefined ? {} : { sources: sourcesIn(source) }),
    ...(apiKeyDecisions === undefined
      ? {}
      : { decide_by_key: onOrOff(apiKeyDecisions, 'tenants settings ten_… --api-key-decisions off') }),
    ...(age === undefined ? {} : { approver_age_hours: wholeNumber(age, '--approver-age-hours', 0) }),
  };
}

/** Throws `malformed`. */
function sourcesIn(given: readonly string[]): Readonly<Record<string, string>> {
  const pairs = given.filter((one) => one !== 'none').map((one) => one.split('='));
  if (pairs.some((pair) => pair.length !== 2))
    throw new VaultError('malformed', '--source must be a source and a service, as in: pbx=svc_…');
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** Null for the time zone of the country. */
function timeZoneOf(name: string): string | null {
  if (name === 'country') return null;
  if (isTimeZone(name)) return name;
  throw new VaultError('malformed', '--time-zone must be an IANA name, such as Europe/London, or country');
}

function onOrOff(setting: string, example: string): boolean {
  if (setting === 'on' || setting === 'off') return setting === 'on';
  throw new VaultError('malformed', `the setting must be on or off, as in: ${example}`);
}

/** Store location of the deployment, or the one that the options describe. */
function placeOf({ bucket, region, prefix }: CreateOptions, place: StoreLocation): StoreLocation {
  if (bucket === undefined && region === undefined && prefix === undefined) return place;
  if (place.bucket === '') throw new VaultError('malformed', '--bucket, --region and --prefix need a store in S3');
  if (bucket === undefined && region !== undefined) throw new VaultError('malformed', '--region needs --bucket');
  const rest = bucket === undefined ? place.prefix : '';
  return { region: region ?? place.region, bucket: bucket ?? place.bucket, prefix: prefix ?? rest };
}
