// Pausing expiry, by one person at once, and resuming it, by two.
import { VaultError } from '../../errors.ts';
import type { Actor, NewEvent, Receipt } from '../../model/audit-event.ts';
import { changeBase } from '../../model/change/digests.ts';
import type { ResumeBody } from '../../model/change/resume.ts';
import type { Caller } from '../../model/principal.ts';
import type { ExpiryRow } from '../../model/retention/rows.ts';
import type { Rows, Transaction } from '../../ports/database.ts';
import { requireLiveCallerWithoutMac } from '../core/authority/live-credential.ts';
import { actorOf, event } from '../core/events/events.ts';
import { replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import type { Applying } from './apply-rules.ts';
import { lockedExpiry } from './expiry-row.ts';

/** What is wanted: that expiry goes on. */
export type WantedResume = { readonly kind: 'resume' };

const MOST_COUNTED = 1_000_000;

/** Pauses expiry: a batch that has begun ends, and no other begins. Throws `conflict` where it does not run. */
export async function pauseExpiry(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  request: RequestContext,
): Promise<Receipt | undefined> {
  const { receipts } = await vault.db.change(async (tx) => {
    // It gives nothing: a key that is unavailable must not keep it from being done.
    await requireLiveCallerWithoutMac(tx, by);
    const made = await pauseIn(tx, by.tenant, actorOf(by), request);
    return { result: undefined, events: [made], ...replyToStore(request, 'done', by.tenant) };
  }, request);
  return receipts[0];
}

/** The same by an operator's command. Throws `not_found` for a tenant that is not active, and as `pauseExpiry`. */
export async function pauseExpiryByCommand(
  vault: Pick<Vault, 'db'>,
  by: Actor,
  tenant: string,
  request: RequestContext,
): Promise<void> {
  await vault.db.change(
    async (tx) => ({ result: undefined, events: [await pauseIn(tx, tenant, by, request)] }),
    request,
  );
}

async function pauseIn(tx: Transaction, tenant: string, by: Actor, request: RequestContext): Promise<NewEvent> {
  await lockActiveTenant(tx, tenant);
  const expiry = await lockedExpiry(tx, tenant);
  if (expiry.state !== 'RUNNING') throw new VaultError('conflict', `expiry is ${expiry.state.toLowerCase()} already`);
  return pauseRow(tx, expiry, by, request);
}

/**
 * Pauses expiry where it runs, for an operator who restored the database: nothing that fell due is erased until two people
 * resume it. Returns its event; null where expiry does not run.
 */
export async function pauseRestored(
  tx: Transaction,
  tenant: string,
  by: Actor,
  request: Pick<RequestContext, 'req'>,
): Promise<NewEvent | null> {
  if ((await tx.tenants.share(tenant)) === null) return null;
  const expiry = await lockedExpiry(tx, tenant);
  return expiry.state === 'RUNNING' ? pauseRow(tx, expiry, by, request) : null;
}

async function pauseRow(
  tx: Transaction,
  expiry: ExpiryRow,
  by: Actor,
  request: Pick<RequestContext, 'req'>,
): Promise<NewEvent> {
  await tx.retention.changeExpiry(expiry, { state: 'PAUSED', since: await tx.now(), actor: by.id });
  return event(expiry.tenant, by, 'expiry.paused', { id: expiry.tenant }, request);
}

/** The body, with how many recordings are due now. Throws `conflict` where expiry runs. */
export async function draftResume(rows: Rows, tenant: string): Promise<ResumeBody> {
  const expiry = await rows.retention.expiry(tenant);
  if (expiry === null || expiry.state === 'RUNNING') throw new VaultError('conflict', 'expiry runs already');
  const at = await rows.now();
  const due = await rows.retention.countDue(tenant, at, MOST_COUNTED);
  return { v: 1, kind: 'resume', was: expiry.state, due, at };
}

/** The digest of what a resumption builds on: nothing changes the row while expiry does not run. */
export async function resumeBase({ retention }: Pick<Rows, 'retention'>, tenant: string): Promise<string> {
  return changeBase([{ id: tenant, version: (await retention.expiry(tenant))?.version ?? 0 }]);
}

/** Lets expiry go on. So many recordings as were due when two people agreed may go on a day without another brake. */
export async function resumeExpiry(
  tx: Transaction,
  tenant: string,
  { due }: ResumeBody,
  { by, marks, request }: Applying,
): Promise<NewEvent[]> {
  const expiry = await lockedExpiry(tx, tenant);
  const most = Math.max(expiry.most ?? 0, due);
  await tx.retention.changeExpiry(expiry, { state: 'RUNNING', since: null, actor: null, most });
  return [event(tenant, by, 'expiry.resumed', { id: tenant, ...marks }, request)];
}
