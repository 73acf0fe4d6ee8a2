// A tenant's settings, and changes of them: what may be set, the difference line by line, and what is stricter.
import { canonicalBytes, type Json } from '../../bytes/canonical-json.ts';
import { isId } from '../../bytes/ids.ts';
import { isObject } from '../../bytes/json-object.ts';
import { type FieldError, VaultError } from '../../errors.ts';
import { type BasisKind, isBasisKind, noticeIn } from '../basis.ts';
import { TEXT_FORMS } from '../fact-forms.ts';
import type { Policy } from '../policy.ts';
import { type BoundSources, MAX_BOUND_SOURCES } from '../source.ts';
import type { Tenant } from '../tenant.ts';
import { isTimeZone } from '../time-zone.ts';

/** Settings v1, as the API and the tenant's stream name them. */
export type TenantSettings = {
  /** The legal basis of recordings that are deposited without one. */
  readonly default_basis: BasisKind;
  /** The notice and version that every caller hears, as `ntc_…/2`: the default basis names it; null: none. */
  readonly default_notice: string | null;
  /** IANA name; null: that of the tenant's country. */
  readonly time_zone: string | null;
  /** Names of fields that recordings can be found by, ascending. */
  readonly searchable: readonly string[];
  /** Sources that belong to a service other than that of their first deposit, by name. */
  readonly sources: BoundSources;
  /** Whether an API key with scope `decide` counts as a step-up of an approver. In the policy. */
  readonly decide_by_key: boolean;
  /** Minimum age of an approver's account. In the policy. */
  readonly approver_age_hours: number;
};

/** What a change sets: at least one member. */
export type SettingsPatch = Partial<TenantSettings>;

export const SETTING_NAMES = [
  ...(['default_basis', 'default_notice', 'time_zone', 'searchable', 'sources'] as const),
  ...(['decide_by_key', 'approver_age_hours'] as const),
] as const satisfies readonly (keyof TenantSettings)[];
export type SettingName = (typeof SETTING_NAMES)[number];

/** Maximum number of searchable fields. */
export const MAX_SEARCHABLE = 32;
/** Maximum age that approvers' accounts may need: a year. */
export const MAX_APPROVER_AGE_HOURS = 8_784;

/** The name of a field that a tenant gives its recordings. */
export const FIELD_NAME = /^[a-z][a-z0-9-]{0,31}$/;

/** The settings in force. */
export function settingsOf(
  tenant: Pick<Tenant, 'defaultBasis' | 'defaultNotice' | 'timeZone' | 'searchable' | 'sources'>,
  policy: Pick<Policy, 'apiKeyDecisions' | 'approverAgeHours'>,
): TenantSettings {
  return {
    default_basis: tenant.defaultBasis,
    default_notice: tenant.defaultNotice,
    time_zone: tenant.timeZone,
    searchable: tenant.searchable,
    sources: tenant.sources,
    decide_by_key: policy.apiKeyDecisions,
    approver_age_hours: policy.approverAgeHours,
  };
}

/** The policy after a change; the same object where it sets nothing of it. */
export function policyAfter(policy: Policy, set: SettingsPatch): Policy {
  const { decide_by_key: apiKeyDecisions, approver_age_hours: approverAgeHours } = set;
  if (apiKeyDecisions === undefined && approverAgeHours === undefined) return policy;
  return {
    ...policy,
    ...(apiKeyDecisions === undefined ? {} : { apiKeyDecisions }),
    ...(approverAgeHours === undefined ? {} : { approverAgeHours }),
  };
}

/** The columns of the tenant's row that a change sets. */
export function tenantAfter(
  set: SettingsPatch,
): Partial<Pick<Tenant, 'defaultBasis' | 'defaultNotice' | 'timeZone' | 'searchable' | 'sources'>> {
  const { default_basis: defaultBasis, default_notice: defaultNotice, time_zone: timeZone, searchable, sources } = set;
  return {
    ...(defaultBasis === undefined ? {} : { defaultBasis }),
    ...(defaultNotice === undefined ? {} : { defaultNotice }),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(searchable === undefined ? {} : { searchable }),
    ...(sources === undefined ? {} : { sources }),
  };
}

/**
 * The members of `wanted` that differ from the settings in force, with lists in order. Throws `malformed`, naming every
 * invalid member, and `conflict` where nothing would change.
 */
export function settingsPatch(current: TenantSettings, wanted: SettingsPatch): SettingsPatch {
  const fields: FieldError[] = [];
  for (const name of SETTING_NAMES) {
    const problem = wanted[name] === undefined ? null : problemOf(name, wanted[name]);
    if (problem !== null) fields.push({ pointer: `/settings/${name}`, detail: problem });
  }
  if (fields.length > 0) {
    const [first] = fields;
    throw new VaultError('malformed', `the settings are not valid: ${first?.pointer.slice(10)} ${first?.detail}`, {
      fields,
    });
  }
  const set: Record<string, Json> = {};
  for (const name of SETTING_NAMES) {
    const value = wanted[name];
    if (value === undefined) continue;
    const next = Array.isArray(value) ? [...new Set(value as string[])].sort() : (value as Json);
    if (!canonicalBytes(next).equals(canonicalBytes(current[name]))) set[name] = next;
  }
  if (Object.keys(set).length === 0) throw new VaultError('conflict', 'the tenant has these settings already');
  return set as SettingsPatch;
}

/** Whether a value is one that this setting can have. */
export function isSetting(name: SettingName, value: unknown): boolean {
  return problemOf(name, value) === null;
}

function problemOf(name: SettingName, value: unknown): string | null {
  switch (name) {
    case 'default_basis':
      return typeof value === 'string' && isBasisKind(value) ? null : 'must be a kind of legal basis';
    case 'default_notice':
      return value === null || (typeof value === 'string' && noticeIn(value) !== null)
        ? null
        : 'must be a notice and its version, such as ntc_…/2, or null';
    case 'time_zone':
      return value === null || (typeof value === 'string' && isTimeZone(value))
        ? null
        : 'must be an IANA name, such as Asia/Shanghai, or null';
    case 'searchable':
      return isFieldList(value)
        ? null
        : `must be at most ${MAX_SEARCHABLE} names of fields, each of 1 to 32 characters a-z 0-9 -, the first a letter`;
    case 'sources':
      return isBoundSources(value)
        ? null
        : `must be at most ${MAX_BOUND_SOURCES} names of sources, each with the id of a service`;
    case 'decide_by_key':
      return typeof value === 'boolean' ? null : 'must be true or false';
    case 'approver_age_hours':
      return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MAX_APPROVER_AGE_HOURS
        ? null
        : `must be a whole number from 0 to ${MAX_APPROVER_AGE_HOURS}`;
  }
}

function isFieldList(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MAX_SEARCHABLE) return false;
  return value.every((one) => typeof one === 'string' && FIELD_NAME.test(one));
}

function isBoundSources(value: unknown): boolean {
  if (!isObject(value)) return false;
  const bound = Object.entries(value);
  const isBound = ([name, service]: readonly [string, unknown]) =>
    name !== '' && TEXT_FORMS['source']?.(name) === null && typeof service === 'string' && isId(service, 'svc');
  return bound.length <= MAX_BOUND_SOURCES && bound.every(isBound);
}

/** One line of a difference. `effect`: whether the new value protects callers more or less; null where neither. */
export type DifferenceLine = {
  readonly name: SettingName;
  readonly from: Json;
  readonly to: Json;
  readonly effect: 'stricter' | 'looser' | null;
};

/** The difference that a change makes, in the order of the settings. */
export function settingsDifference(from: TenantSettings, set: SettingsPatch): DifferenceLine[] {
  return SETTING_NAMES.flatMap((name) => {
    const to = set[name];
    return to === undefined ? [] : [{ name, from: from[name], to, effect: effectOf(from, { ...from, ...set }, name) }];
  });
}

function effectOf(from: TenantSettings, to: TenantSettings, name: SettingName): DifferenceLine['effect'] {
  const sign = Math.sign(strictness(to, name) - strictness(from, name));
  return sign === 0 ? null : sign > 0 ? 'stricter' : 'looser';
}

function strictness(settings: TenantSettings, name: SettingName): number {
  switch (name) {
    // `none` quarantines what names no basis; the others are not ordered.
    case 'default_basis':
      return settings.default_basis === 'none' ? 1 : 0;
    // Calls that say nothing count as noticed with one.
    case 'default_notice':
      return settings.default_notice === null ? 1 : 0;
    case 'searchable':
      return -settings.searchable.length;
    case 'decide_by_key':
      return settings.decide_by_key ? 0 : 1;
    case 'approver_age_hours':
      return settings.approver_age_hours;
    case 'sources':
    case 'time_zone':
      return 0;
  }
}
