// A download of the package: one of those that two people approved, taken before anything is sent.
import { VaultError } from '../../errors.ts';
import type { Check } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import { type ApprovedCopies, copiesChecks, downloadsCheck } from '../../model/subject/approved-copies.ts';
import { limitChecks } from '../access/limits.ts';
import { lockCaller, requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import { policyInForce } from '../core/policy/policy-in-force.ts';
import type { RequestContext } from '../core/request-context.ts';
import { openCopies, sealOfSubject } from '../core/subjects/sealed-subject.ts';
import { lockActiveTenant, metadataKeyOf } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { moveSubject } from './change-subject.ts';
import { type CopiedRequest, noCopies, requireAllowed } from './copy-session.ts';
import { noSubject } from './view.ts';

/**
 * Takes one. Throws `not_found`, `conflict` where no copies are approved, and `access_refused` with the checks: another
 * officer's, over, used up, outside the policy's hours or beyond its limits. Of downloads at once, on any process, each
 * counts those before it.
 */
export async function takeDownload(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  { id, change }: CopiedRequest,
  request: RequestContext,
): Promise<void> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    const person = await lockCaller(tx, by, metadataKey);
    const tenant = await lockActiveTenant(tx, by.tenant);
    const row = await tx.subjects.lock(by.tenant, id);
    if (row === null) throw noSubject();
    const copies = row.state === 'DOING' && row.change === change ? openCopies(metadataKey, row) : null;
    if (copies === null) throw noCopies();
    const now = await tx.now();
    const { policy } = await policyInForce(tx, metadataKey, by.tenant);
    const limits = await limitChecks(tx, { tenant, policy, person }, now);
    requireAllowed([...downloadChecks(copies, by, now), ...limits], 'access_refused');
    const left = copies.left - 1;
    await moveSubject(tx, row, { copies: sealOfSubject(metadataKey, row, 'copies', { ...copies, left }) });
    const object = { id, proposal: change, left, ...presentedCredential(by) };
    return { result: undefined, events: [event(by.tenant, actorOf(by), 'subject.downloaded', object, request)] };
  }, request);
}

/** Whether this officer may begin a download now, as far as the approval goes. */
export function downloadChecks(copies: ApprovedCopies, { principal }: Pick<Caller, 'principal'>, now: string): Check[] {
  return [...copiesChecks(copies, principal, now), downloadsCheck(copies)];
}

/** Throws `integrity` where the recordings that rows say are copied are not those that two people signed. */
export function requireSigned(copies: ApprovedCopies, digest: string): void {
  if (copies.sha256 !== digest) throw new VaultError('integrity', 'a copy that two people did not approve');
}
