// One step of a subject request: its row, locked, changed and logged in one transaction.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { canBecome, type SubjectRequest, type SubjectState } from '../../model/subject/request.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant, metadataKeyOf, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { noSubject, requireOpen, type SubjectResult, subjectView } from './view.ts';

type Columns = Partial<Omit<SubjectRequest, 'tenant' | 'id' | 'version' | 'state'>> & { readonly state?: SubjectState };

/** What a step has: the transaction, the tenant and the request, both locked. */
export type SubjectStep = {
  readonly tx: Transaction;
  readonly tenant: Tenant;
  readonly metadataKey: SecretKey;
  readonly row: SubjectRequest;
};

/** What a step does to the request, and its events. */
export type StepTaken = {
  /** The row, where the step has changed it. */
  readonly from?: SubjectRequest;
  readonly to: Columns;
  readonly events: readonly NewEvent[];
};

/**
 * Takes a step. `exclusive`: nothing of the tenant is erased, deposited or amended meanwhile. Throws `not_found`, and
 * `conflict` for a request that has ended or that another process changed first.
 */
export async function changeSubject(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  id: string,
  { exclusive }: { readonly exclusive: boolean },
  request: RequestContext,
  step: (at: SubjectStep) => Promise<StepTaken>,
): Promise<SubjectResult> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    const tenant = exclusive ? requireActive(await tx.tenants.lock(by.tenant)) : await lockActiveTenant(tx, by.tenant);
    const row = await tx.subjects.lock(by.tenant, id);
    if (row === null) throw noSubject();
    requireOpen(row);
    const { from = row, to, events } = await step({ tx, tenant, metadataKey, row });
    const after = await moveSubject(tx, from, to);
    return {
      result: await subjectView(tx, metadataKey, after),
      events,
      ...replyToStore(request, 'done', id),
    };
  }, request);
  return { view: result, receipt: receipts[0] };
}

/** The one place where a request's row changes, but for the end of its copies. Throws `conflict`. */
export async function moveSubject(tx: Transaction, from: SubjectRequest, to: Columns): Promise<SubjectRequest> {
  if (to.state !== undefined && to.state !== from.state && !canBecome(from.state, to.state))
    throw new VaultError('internal', `a ${from.state} subject request cannot become ${to.state}`);
  if (!(await tx.subjects.change(from, to)))
    throw new VaultError('conflict', 'a concurrent update changed this subject request first');
  return { ...from, ...to, version: from.version + 1 };
}

/** The reply of a request that was made before: the subject request as it is now. Throws `not_found`. */
export async function replaySubject(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  id: string,
  { receipt }: Pick<StoredOutcome, 'receipt'>,
  request: RequestContext,
): Promise<SubjectResult> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const view = await vault.db.read(async (rows) => {
    const row = await rows.subjects.find(by.tenant, id);
    if (row === null) throw noSubject();
    return subjectView(rows, metadataKey, row);
  }, request);
  return { view, receipt };
}
