// Taking a person out of a team, or its lead from them: by one person, at once.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { readPolicy } from '../../model/policy/read-policy.ts';
import { rulesOf } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import type { Team } from '../../model/team/team.ts';
import type { Transaction } from '../../ports/database.ts';
import { partsDigest, teamParts, teamStateOf } from '../changes/team-state.ts';
import { changeWithMac, requireAuthentic, withMac } from '../core/authority/authority-rows.ts';
import { requireLiveCaller, requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import { metadataKeyIfAvailable } from '../core/tenants/metadata-key-if-available.ts';
import type { Vault } from '../core/vault.ts';

/** Who leaves the team, or with `onlyLead` stays as a member who does not lead. */
export type RemovedMember = { readonly team: string; readonly person: string; readonly onlyLead: boolean };

/**
 * Takes a person out of a team, or its lead from them. Throws `not_found`, and `conflict` where they do not lead, or where
 * the policy wants approvers of other teams: then a member who leaves could approve what they could not before. A member
 * leaves without the tenant's key; one who stays without the lead needs a row with a MAC, so that throws as
 * `activeTenantAndKey`.
 */
export async function removeMember(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  { team, person, onlyLead }: RemovedMember,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { tenant } = by;
  const metadataKey = onlyLead
    ? (await activeTenantAndKey(vault, tenant, request)).metadataKey
    : await metadataKeyIfAvailable(vault, tenant, request);
  const { receipts } = await vault.db.change(async (tx) => {
    await (metadataKey === null ? requireLiveCallerWithoutMac(tx, by) : requireLiveCaller(tx, by, metadataKey));
    // Exclusive, as changes hold it: decisions come before or after.
    const locked = await tx.tenants.lock(tenant);
    if (metadataKey !== null) requireActive(locked);
    const row = await tx.teams.lock(tenant, team);
    const before = row === null ? null : await teamParts(tx, tenant, team);
    const member = before?.members.find((one) => one.person === person);
    if (row?.state !== 'ACTIVE' || before === null || member === undefined)
      throw new VaultError('not_found', 'there is no such member of the team');
    if (metadataKey !== null) requireAuthentic(metadataKey, 'team_member', member);
    if (!onlyLead && (await wantsOtherTeams(tx, metadataKey, tenant)))
      throw new VaultError(
        'conflict',
        'the policy asks for approvers of another team: propose a change of the team, which a second person approves',
      );
    if (onlyLead && !member.lead) throw new VaultError('conflict', 'this member does not lead the team');
    await tx.teams.deleteMember(member);
    if (onlyLead && metadataKey !== null)
      await tx.teams.insertMember(withMac(metadataKey, 'team_member', { tenant, team, person, lead: false }));
    const digest = metadataKey === null ? {} : await raiseVersion(tx, metadataKey, row);
    const counts = { members: before.members.length - (onlyLead ? 0 : 1), queues: before.queues.length };
    const parts = partsDigest(await teamParts(tx, tenant, team));
    const object = { id: team, ...counts, ...digest, parts, removed: person, ...presentedCredential(by) };
    const made = event(tenant, actorOf(by), 'team.changed', object, request);
    return { result: null, events: [made], ...replyToStore(request, 'done', team) };
  }, request);
  return receipts[0];
}

/**
 * Whether a purpose asks for approvers of another team. Without the key the policy's row alone answers: anyone who can
 * forge it can delete the member as well.
 */
async function wantsOtherTeams(tx: Transaction, metadataKey: SecretKey | null, tenant: string): Promise<boolean> {
  const row = await tx.tenants.policy(tenant);
  if (row === null) throw new VaultError('not_found', 'the tenant has no policy');
  const policy = metadataKey === null ? readPolicy(row.body) : policyOf(metadataKey, row).policy;
  return rulesOf(policy).some(([, { otherTeam }]) => otherTeam);
}

/**
 * The digest of what the team is now. Its version rises, so that a change proposed before is stale; without the key it is
 * too, since a change builds on the members' rows.
 */
async function raiseVersion(tx: Transaction, metadataKey: SecretKey, row: Team): Promise<{ readonly sha256: string }> {
  const { tenant, id, name } = row;
  if (!(await tx.teams.change(row, changeWithMac(metadataKey, 'team', row, { name }))))
    throw new VaultError('conflict', 'a concurrent update changed this team first');
  return { sha256: canonicalDigest(teamStateOf(metadataKey, row, await teamParts(tx, tenant, id))) };
}
