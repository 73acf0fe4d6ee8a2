// Retention rules at the command line: read, previewed, and set once a second person confirms.
import type { Actor } from '../../model/audit-event.ts';
import type { RetentionRules } from '../../model/retention/rules.ts';
import type { RequestContext } from '../core/request-context.ts';
import { rulesInForce } from '../core/retention/rules-in-force.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type DraftedRules, draftRules, type WantedRetention } from '../retention/draft-rules.ts';
import { surveyRetention } from '../retention/survey.ts';
import { type CommandOptions, type CommandOutcome, changeByCommand } from './by-command.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** What rules would do, for an operator: nothing is kept. Throws as `draftRules`. */
export async function previewRulesByCommand(
  vault: Deps,
  tenant: string,
  wanted: WantedRetention,
  request: RequestContext,
): Promise<DraftedRules> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  return draftRules(vault, metadataKey, tenant, wanted, request);
}

/** Proposes the rules by an operator's command, or sets them where there is no second person. Throws as `draftRules`. */
export async function changeRulesByCommand(
  vault: Deps & Pick<Vault, 'phones' | 'replayGate'>,
  by: Actor,
  tenant: string,
  wanted: WantedRetention,
  options: CommandOptions,
  request: RequestContext,
): Promise<CommandOutcome> {
  const drafted = await previewRulesByCommand(vault, tenant, wanted, request);
  return changeByCommand(vault, by, tenant, drafted, options, request);
}

/** The rules in force; both null for a tenant without any. */
export type RulesByCommand =
  | { readonly base: string; readonly rules: RetentionRules }
  | { readonly base: null; readonly rules: null };

/** The rules in force, for an operator at the command line. */
export async function readRulesByCommand(
  vault: Deps,
  tenant: string,
  request: RequestContext,
): Promise<RulesByCommand> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const version = await vault.db.read(
    async (rows) => rulesInForce(rows, metadataKey, requireActive(await rows.tenants.find(tenant))),
    request,
  );
  return version === null ? { base: null, rules: null } : { base: version.id, rules: version.rules };
}

/** How many recordings each of the rules in force decides, by the rule's id, counted as previews count. */
export async function countByRule(
  vault: Deps,
  tenant: string,
  rules: RetentionRules,
  request: RequestContext,
): Promise<ReadonlyMap<string, number>> {
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const at = await vault.db.read((rows) => rows.now(), request);
  const counted = await surveyRetention(vault, { tenant, metadataKey, was: rules, set: rules }, at, request);
  return new Map(counted.rules.map(({ rule, now }) => [rule, now ?? 0]));
}
