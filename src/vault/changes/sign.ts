// The proposer's signature of a change: from then on another person can approve it.
import { VaultError } from '../../errors.ts';
import { PROPOSERS } from '../../model/change/change.ts';
import { signingChecks } from '../../model/change/checks.ts';
import { check, passes } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import { changeWithMac } from '../core/authority/authority-rows.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { requireAuthenticChange } from '../core/authority/logged-change.ts';
import { DEPLOYMENT, event, presentedCredential } from '../core/events/events.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore, requireStillExists } from '../core/idempotency/stored-reply.ts';
import { withOrigin } from '../core/personal/origin.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { actorOnChange, findAgain, findChange, isProposer, noChange } from './context.ts';
import { activeOwner } from './owner.ts';
import { asOpen, type ChangeResult } from './propose.ts';
import { redeemSignature, type SignatureDeps, signatureMembers, verifySignature } from './signature.ts';

/**
 * Signs the caller's own change, which they may have proposed with an API key, or an operator by a command. `answer` is
 * the browser's to the options.
 * Throws `not_found` for another person's, `forbidden` where the caller no longer proposes this kind, and `change_refused`
 * where it was decided, has expired, is signed already, or the passkey did not sign it.
 */
export async function signChange(
  vault: SignatureDeps,
  by: Caller,
  id: string,
  answer: unknown,
  request: RequestContext,
): Promise<ChangeResult> {
  const found = await vault.db.read(async (rows) => {
    const change = await findChange(rows, by, id);
    const person = change.byCommand ? await rows.principals.find(by.tenant, by.principal) : null;
    if (!isProposer(by, person, change)) throw noChange();
    return change;
  }, request);
  const { tenant } = found;
  const owner = await activeOwner(vault, tenant, request);
  const { metadataKey } = owner;
  // No reply is stored for operators: the row says that they have signed it before.
  if (found.byCommand && found.state === 'OPEN' && found.signed !== null) {
    await vault.db.read((rows) => requireAuthenticChange(rows, metadataKey, found), request);
    return { change: found, receipt: undefined };
  }
  const signature = await verifySignature(vault, by, found, answer, metadataKey, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    // The person is locked: their passkey is not removed meanwhile.
    await requireLiveCaller(tx, by, by.tenant === DEPLOYMENT ? null : metadataKey);
    if (owner.tenant !== null) await lockActiveTenant(tx, tenant);
    const change = await tx.changes.lock(tenant, id);
    const person = found.byCommand ? await tx.principals.find(by.tenant, by.principal) : null;
    if (change === null || !isProposer(by, person, change)) throw noChange();
    const now = await tx.now();
    const checks = signingChecks(change, now);
    if (!passes(checks)) throw new VaultError('change_refused', 'this change cannot be signed now', { checks });
    await requireAuthenticChange(tx, metadataKey, change);
    if (!change.byCommand && !by.roles.some((role) => PROPOSERS[change.kind].includes(role))) {
      const needed = [check('role', false, 'role_needed', { detail: PROPOSERS[change.kind].join(', ') })];
      throw new VaultError('forbidden', 'your role does not propose changes of this kind', { checks: needed });
    }
    await redeemSignature(tx, change, signature, now);
    const signed = changeWithMac(metadataKey, 'change', change, { signed: now });
    if (!(await tx.changes.change(change, signed)))
      throw new VaultError('conflict', 'a concurrent update changed this change first');
    const object = { id, kind: change.kind, ...signatureMembers(change, signature), ...presentedCredential(by) };
    const made = event(tenant, actorOnChange(by), 'change.signed', object, request);
    const after = { ...change, ...signed, version: change.version + 1 };
    return { result: after, events: [withOrigin(made, metadataKey, request)], ...replyToStore(request, 'done', id) };
  }, request);
  return { change: result, receipt: receipts[0] };
}

/** The first result of `signChange`. Throws `not_found` where its row was deleted. */
export async function replaySignature(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  { ids, receipt }: StoredOutcome,
  request: RequestContext,
): Promise<ChangeResult> {
  const id = findId(ids, 'chg') ?? '';
  const row = requireStillExists(await vault.db.read((rows) => findAgain(rows, by, id), request));
  return { change: asOpen(row), receipt };
}
