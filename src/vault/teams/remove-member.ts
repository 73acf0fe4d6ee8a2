// Taking a person out of a team, or its lead from them: by one person, at once.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { rulesOf } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import { teamParts, teamStateOf } from '../changes/team-state.ts';
import { changeWithMac, requireAuthentic, withMac } from '../core/authority/authority-rows.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';

/** Who leaves the team, or with `onlyLead` stays as a member who does not lead. */
export type RemovedMember = { readonly team: string; readonly person: string; readonly onlyLead: boolean };

/**
 * Takes a person out of a team, or its lead from them. Throws `not_found`, and `conflict` where they do not lead, or where
 * the policy wants approvers of other teams: then a member who leaves could approve what they could not before.
 */
export async function removeMember(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  { team, person, onlyLead }: RemovedMember,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { tenant } = by;
  const { metadataKey } = await activeTenantAndKey(vault, tenant, request);
  const { receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    // Exclusive, as changes hold it: decisions come before or after.
    requireActive(await tx.tenants.lock(tenant));
    const row = await tx.teams.lock(tenant, team);
    const before = row === null ? null : await teamParts(tx, tenant, team);
    const member = before?.members.find((one) => one.person === person);
    if (row?.state !== 'ACTIVE' || before === null || member === undefined)
      throw new VaultError('not_found', 'there is no such member of the team');
    requireAuthentic(metadataKey, 'team_member', member);
    const { policy } = await policyInForce(tx, metadataKey, tenant);
    if (!onlyLead && rulesOf(policy).some(([, { otherTeam }]) => otherTeam))
      throw new VaultError(
        'conflict',
        'the policy asks for approvers of another team: propose a change of the team, which a second person approves',
      );
    if (onlyLead && !member.lead) throw new VaultError('conflict', 'this member does not lead the team');
    await tx.teams.deleteMember(member);
    if (onlyLead)
      await tx.teams.insertMember(withMac(metadataKey, 'team_member', { tenant, team, person, lead: false }));
    // The version rises: a change that was proposed before is stale.
    if (!(await tx.teams.change(row, changeWithMac(metadataKey, 'team', row, { name: row.name }))))
      throw new VaultError('conflict', 'a concurrent update changed this team first');
    const now = teamStateOf(metadataKey, row, await teamParts(tx, tenant, team));
    const counts = { members: now.members.length, queues: now.queues.length };
    const object = { id: team, ...counts, sha256: canonicalDigest(now), removed: person, ...presentedCredential(by) };
    const made = event(tenant, actorOf(by), 'team.changed', object, request);
    return { result: null, events: [made], ...replyToStore(request, 'done', team) };
  }, request);
  return receipts[0];
}
