// Proposing a change: by a person of the tenant, for another person to approve.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Receipt } from '../../model/audit-event.ts';
import { type Change, OPEN_MS, PROPOSERS } from '../../model/change/change.ts';
import { check } from '../../model/check.ts';
import type { Caller } from '../../model/principal.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, presentedCredential } from '../core/events/events.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore, requireStillExists } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { draftRules } from '../retention/draft-rules.ts';
import { draftPolicy } from './policy-draft.ts';
import { type AppliedAtOnce, type Drafted, draftChange, makeProposal, type WantedChange } from './proposal.ts';
import { draftRelease } from './release-draft.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** A change after what was done to it, and the receipt of that. */
export type ChangeResult = { readonly change: Change; readonly receipt: Receipt | undefined };

/**
 * Proposes a change. Throws `forbidden` where the caller's role does not propose this kind, `malformed` for what is not
 * valid, and `conflict` where nothing would change or too many changes wait.
 */
export async function proposeChange(
  vault: Deps,
  by: Caller,
  wanted: WantedChange,
  note: string,
  request: RequestContext,
): Promise<ChangeResult> {
  const roles = PROPOSERS[wanted.kind];
  const allowed = by.roles.some((role) => roles.includes(role));
  if (!allowed || by.kind !== 'person') {
    const checks = [check('role', false, 'role_needed', { detail: roles.join(', ') })];
    throw new VaultError('forbidden', 'your role does not propose changes of this kind', { checks });
  }
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const before = await draftBefore(vault, metadataKey, by.tenant, wanted, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    // Exclusive: the base cannot move while it is read.
    const tenant = requireActive(await tx.tenants.lock(by.tenant));
    const drafted = 'kind' in before ? await draftChange(tx, metadataKey, tenant, before) : before;
    const credential = presentedCredential(by);
    const proposer = { by: actorOf(by), proposer: by.principal, byCommand: false, note, credential };
    const owner = { id: by.tenant, tenant, metadataKey };
    const proposal = await makeProposal(tx, owner, drafted, proposer, request);
    const { made, insert: placed } = proposal;
    return { result: proposal, events: [made], placed, ...replyToStore(request, 'created', made.object.id) };
  }, request);
  return { change: result.row(receipts), receipt: receipts[0] };
}

/** The draft of what is counted before the transaction; what is wanted, where the transaction drafts it. */
function draftBefore(
  vault: Pick<Vault, 'db' | 'clock'>,
  metadataKey: SecretKey,
  tenant: string,
  wanted: WantedChange,
  request: RequestContext,
): Promise<Drafted> | AppliedAtOnce {
  if (wanted.kind === 'release') return draftRelease(vault, metadataKey, tenant, wanted, request);
  if (wanted.kind === 'policy') return draftPolicy(vault, metadataKey, tenant, wanted, request);
  if (wanted.kind === 'retention') return draftRules(vault, metadataKey, tenant, wanted, request);
  return wanted;
}

/** A change as it was before its decision. */
export function asOpen(change: Change): Change {
  const expires = addMilliseconds(change.opened, OPEN_MS);
  return { ...change, state: 'OPEN', expires, decider: null, decided: null };
}

/** The first result of `proposeChange`. Throws `not_found` where its row was deleted. */
export async function replayProposal(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  stored: StoredOutcome,
  request: RequestContext,
): Promise<ChangeResult> {
  const id = findId(stored.ids, 'chg') ?? '';
  const row = requireStillExists(await vault.db.read((rows) => rows.changes.find(by.tenant, id), request));
  return { change: { ...asOpen(row), signed: null }, receipt: stored.receipt };
}
