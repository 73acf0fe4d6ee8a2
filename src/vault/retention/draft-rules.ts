// The body and the preview of new retention rules, made before the transaction that proposes them: counting takes a while.
import { newIdAfter } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { changeBase } from '../../model/change/digests.ts';
import { type RetentionBody, wantedRules } from '../../model/change/retention.ts';
import type { RetentionPreview } from '../../model/retention/preview.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import { rulesInForce } from '../core/retention/rules-in-force.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { surveyRetention } from './survey.ts';

/** What is wanted: rules instead of the version that they were made from; null for a tenant's first. */
export type WantedRetention = { readonly kind: 'retention'; readonly base: string | null; readonly rules: unknown };

/** New rules with their preview, and the version that this was counted on. */
export type DraftedRules = {
  readonly body: RetentionBody;
  readonly preview: RetentionPreview;
  readonly base: string;
};

/** The digest of the version that new rules build on. A version never changes: its number is always 1. */
export function retentionBase({ tenant, retention }: Pick<Tenant, 'tenant' | 'retention'>): string {
  return changeBase([{ id: retention ?? tenant, version: 1 }]);
}

/**
 * Drafts new rules and counts what they would do. Throws `malformed`, naming each invalid member, and `conflict` where
 * nothing would change, where another version than `base` is in force, or while recordings are still brought to that one.
 */
export async function draftRules(
  vault: Pick<Vault, 'db' | 'clock'>,
  metadataKey: SecretKey,
  tenant: string,
  { base, rules }: WantedRetention,
  request: RequestContext,
): Promise<DraftedRules> {
  const { was, at } = await vault.db.read(async (rows) => {
    const row = requireActive(await rows.tenants.find(tenant));
    if (row.retention !== base)
      throw new VaultError('conflict', 'another version of the retention rules is in force: start from that one');
    const expiry = await rows.retention.expiry(tenant);
    if (expiry?.applying != null)
      throw new VaultError('conflict', 'recordings are still being brought to the rules in force: propose later', {
        retryAfter: 60,
      });
    return { was: await rulesInForce(rows, metadataKey, row), at: await rows.now() };
  }, request);
  const set = wantedRules(was?.rules ?? null, rules, '/rules');
  const survey = { tenant, metadataKey, was: was?.rules ?? null, set };
  const preview = await surveyRetention(vault, survey, at, request);
  const { busiest } = preview;
  const body: RetentionBody = {
    ...{ v: 1, kind: 'retention', base, was: survey.was, retention: newIdAfter('ret', base), set, busiest },
  };
  return { body, preview, base: retentionBase({ tenant, retention: base }) };
}
