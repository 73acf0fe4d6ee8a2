// Withdrawing consent by a number or by fields of the tenant's: recorded at once, then carried to the recordings it reaches.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { eventList, type NewEvent, type Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { Withdrawal } from '../../ports/rows/consent-rows.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { writeEntry } from '../core/amendments/write-entry.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { indexValues, labelledIndexes, withdrawalRow } from '../core/consent/consent-rows.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { phoneIndex, textIndex } from '../core/facts/indexes.ts';
import { chargeLookups } from '../core/facts/search-budget.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore, requireStillExists } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type CarryDeps, carryWithdrawal, LEASE_MS } from './carry-withdrawal.ts';

type Deps = CarryDeps & Pick<Vault, 'clock'>;

/** How long a request carries its withdrawal itself, less than another process waits for it. */
const CARRY_MS = 10_000;

/** Whose consent, of calls before which time (by default now), for which purposes (none: for all), and how they said so. */
export type NewWithdrawal = {
  readonly number?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly at?: string;
  readonly purposes: readonly string[];
  readonly reason: string;
};

/** A withdrawal. What it reaches is not said: a number that no call has gets the same answer. */
export type WithdrawalView = Pick<Withdrawal, 'id' | 'created' | 'at' | 'purposes'>;

/**
 * Records a withdrawal and carries it to the recordings that it reaches. Where that takes long or fails, background work
 * goes on. Throws `malformed` for fields that the tenant does not search by and for a time of the future,
 * `unauthenticated` where the caller's credential ended, and as `chargeLookups`.
 */
export async function withdrawConsent(
  vault: Deps,
  by: Caller,
  wanted: NewWithdrawal,
  request: RequestContext,
): Promise<{ readonly withdrawal: WithdrawalView; readonly receipt: Receipt | undefined }> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    // Exclusively: a deposit or an amendment comes before, and is reached, or after, and finds the withdrawal.
    const tenant = requireActive(await tx.tenants.lock(by.tenant));
    const { purposes, reason } = wanted;
    const at = wanted.at ?? (await tx.now());
    const indexes = indexesOfPerson(vault, metadataKey, tenant, wanted);
    const lookups = indexes.map((index) => [index]);
    const used = await chargeLookups(tx, by, lookups, metadataKey, request);
    const { row, event: made } = await recordWithdrawal(
      vault,
      tx,
      by,
      { metadataKey, indexes, at, purposes, reason },
      request,
    );
    return { result: row, events: [made, ...used], ...replyToStore(request, 'created', row.id) };
  }, request);
  await carryFor(vault, by, result, request);
  return { withdrawal: result, receipt: receipts[0] };
}

/** A withdrawal to record: by which indexes, of calls before `at`, for which purposes, and how the person said so. */
export type RecordedWithdrawal = {
  readonly metadataKey: SecretKey;
  readonly indexes: readonly IndexValue[];
  readonly at: string;
  readonly purposes: readonly string[];
  readonly reason: string;
};

/** Records a withdrawal in a transaction that holds the tenant's row exclusively. Throws `malformed`. */
export async function recordWithdrawal(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  by: Caller,
  { metadataKey, indexes: found, at, purposes: wanted, reason }: RecordedWithdrawal,
  request: RequestContext,
): Promise<{ readonly row: Withdrawal; readonly event: NewEvent }> {
  const created = await tx.now();
  if (at > created) throw malformed('/at', 'must not be in the future');
  const indexes = labelledIndexes(found);
  const said = { op: 'withdrawal', id: newId('wdr'), indexes, at, purposes: [...wanted].sort() } as const;
  const purposes = said.purposes.length === 0 ? {} : { purposes: eventList(said.purposes) };
  const object = { id: said.id, at, ...purposes, ...presentedCredential(by) };
  const made = event(by.tenant, actorOf(by), 'consent.withdrawn', object, request);
  const stream = { tenant: by.tenant, subject: by.tenant };
  const written = await writeEntry(vault, tx, metadataKey, stream, made, said);
  // This process goes on with it; where it ends, another one does.
  const due = new Date(Date.parse(created) + LEASE_MS).toISOString();
  const row = withdrawalRow({ tenant: by.tenant, created, due }, said);
  await tx.consent.insertWithdrawal(row, indexValues(indexes));
  return { row, event: withDetail(written, metadataKey, { reason }) };
}

/** Carries a withdrawal that was recorded to its recordings, for as long as a request may take; background work goes on. */
export async function carryFor(vault: Deps, by: Caller, row: Withdrawal, request: RequestContext): Promise<void> {
  const how = { actor: actorOf(by), credential: presentedCredential(by), why: 'consent', words: null } as const;
  const signal = AbortSignal.any([request.signal, vault.clock.deadline(CARRY_MS)]);
  const carrying = { ...(request.req === undefined ? {} : { req: request.req }), signal };
  // It is recorded: what fails from here on is left to background work.
  await carryWithdrawal(vault, row, how, carrying).catch(() => undefined);
}

function indexesOfPerson(
  vault: Pick<Vault, 'phones'>,
  metadataKey: SecretKey,
  { country, searchable }: Tenant,
  { number, fields = {} }: NewWithdrawal,
): IndexValue[] {
  const names = Object.keys(fields);
  if (number === undefined && names.length === 0) throw malformed('/number', 'is required, or fields');
  if (names.some((name) => !searchable.includes(name)))
    throw malformed('/fields', 'has a field that your organisation does not search by');
  return [
    ...(number === undefined ? [] : [phoneIndex(metadataKey, vault.phones, number, country)]),
    ...Object.entries(fields).map(([name, text]) => textIndex(metadataKey, `field:${name}`, text)),
  ];
}

function malformed(pointer: string, detail: string): VaultError {
  return new VaultError('malformed', 'the request is not valid', { fields: [{ pointer, detail }] });
}

/** The first result of `withdrawConsent`, for a repeated request. */
export async function replayWithdrawal(
  vault: Pick<Vault, 'db'>,
  by: Caller,
  { ids, receipt }: StoredOutcome,
  request: RequestContext,
): Promise<{ readonly withdrawal: WithdrawalView; readonly receipt: Receipt | undefined }> {
  const id = findId(ids, 'wdr') ?? '';
  const found = await vault.db.read((rows) => rows.consent.withdrawal(by.tenant, id), request);
  return { withdrawal: requireStillExists(found), receipt };
}

/** Withdrawals, newest first, and whether each has reached all recordings of its time. */
export async function listWithdrawals(
  vault: Pick<Vault, 'db' | 'clock'>,
  by: Caller,
  before: string | null,
  limit: number,
  request: RequestContext,
): Promise<readonly Withdrawal[]> {
  const found = await vault.db.read((rows) => rows.consent.withdrawals(by.tenant, before, limit), request);
  const object = { type: 'withdrawals', id: by.tenant } as const;
  await countEvent(vault, { tenant: by.tenant, actor: actorOf(by), action: 'change.read', object }, request);
  return found;
}
