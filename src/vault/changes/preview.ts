// What a change of who may decide would affect, counted when it is proposed.
import { isRowAuthentic } from '../../envelope/authority.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { SettingsPreview } from '../../model/change/body.ts';
import type { SettingsPatch, TenantSettings } from '../../model/change/settings.ts';
import { approverSince } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';

/**
 * Counts the tenant's approvers, those too young after the change, and live API keys that can decide. Null where the
 * change does not touch who may decide.
 */
export async function previewSettings(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  was: TenantSettings,
  set: SettingsPatch,
): Promise<SettingsPreview | null> {
  if (set.decide_by_key === undefined && set.approver_age_hours === undefined) return null;
  return countDeciders(rows, metadataKey, tenant, set.approver_age_hours ?? was.approver_age_hours);
}

/** The same for accounts of approvers that must be so many hours old. */
export async function countDeciders(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  hours: number,
): Promise<SettingsPreview> {
  const at = await rows.now();
  const people = await rows.principals.all(tenant);
  const approvers = people.filter(
    (one) =>
      one.state === 'ACTIVE' && one.roles.includes('supervisor') && isRowAuthentic(metadataKey, 'principal', one),
  );
  const ids = new Set(approvers.map(({ id }) => id));
  const keys = (await rows.principals.apiKeys(tenant, null)).filter(
    (one) => one.state === 'ACTIVE' && at < one.expires && one.scopes.includes('decide') && ids.has(one.principal),
  );
  const youngest = new Date(Date.parse(at) - hours * 3_600_000).toISOString();
  return {
    at,
    approvers: approvers.length,
    too_young: approvers.filter((one) => (approverSince(one) ?? '') > youngest).length,
    decide_keys: keys.length,
  };
}
