// Opening a subject request: who asks for what, and until when it is answered. Consent is withdrawn on receipt.
import { newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import { eventList, type Receipt } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import { dueAt } from '../../model/subject/due.ts';
import {
  MAX_OPEN_SUBJECTS,
  type SubjectKind,
  type SubjectPerson,
  type SubjectRequest,
} from '../../model/subject/request.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import type { CarryDeps } from '../consent/carry-withdrawal.ts';
import { carryFor, recordWithdrawal } from '../consent/withdraw.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential } from '../core/events/events.ts';
import { phoneIndex, textIndex } from '../core/facts/indexes.ts';
import { chargeLookups } from '../core/facts/search-budget.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { sealOfSubject } from '../core/subjects/sealed-subject.ts';
import { activeTenantAndKey, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { replaySubject } from './change-subject.ts';
import { type SubjectResult, subjectView } from './view.ts';

type Deps = CarryDeps & Pick<Vault, 'clock'>;

/** What is asked for, when it came (by default now), and who asks. */
export type NewSubject = {
  readonly kinds: readonly SubjectKind[];
  readonly received?: string;
  readonly person: SubjectPerson;
};

/**
 * Opens a request. Throws `malformed` for a person without a number or field, for fields that the tenant does not search
 * by and for a time of the future, `conflict` where too many are open, and as `chargeLookups` where consent is withdrawn.
 */
export async function openSubject(
  vault: Deps,
  by: Caller,
  wanted: NewSubject,
  request: RequestContext,
): Promise<SubjectResult> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const withdraws = wanted.kinds.includes('withdraw');
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    // Exclusive for the withdrawal, as where it comes alone.
    const tenant = requireActive(await tx.tenants.lock(by.tenant));
    const indexes = indexesOfPerson(vault, metadataKey, tenant, wanted.person);
    if ((await tx.subjects.countOpen(by.tenant)) >= MAX_OPEN_SUBJECTS)
      throw new VaultError('conflict', `${MAX_OPEN_SUBJECTS} subject requests are open already`);
    // A withdrawal finds its calls at once; the other kinds find theirs with the search.
    const lookups = withdraws ? indexes.map((index) => [index]) : [];
    const used = await chargeLookups(tx, by, lookups, metadataKey, request);
    const row = newRow(metadataKey, tenant, by, wanted, await tx.now());
    await tx.subjects.insert(row);
    const { id, received, due } = row;
    const kinds = eventList(row.kinds);
    const made = event(
      by.tenant,
      actorOf(by),
      'subject.opened',
      { id, kinds, received, due, ...presentedCredential(by) },
      request,
    );
    const what = { indexes, at: row.created, purposes: [], reason: id };
    const withdrawn = withdraws ? await recordWithdrawal(vault, tx, by, { metadataKey, ...what }, request) : null;
    return {
      result: { view: await subjectView(tx, metadataKey, row), withdrawal: withdrawn?.row ?? null },
      events: [made, ...(withdrawn === null ? [] : [withdrawn.event]), ...used],
      ...replyToStore(request, 'created', id),
    };
  }, request);
  if (result.withdrawal !== null) await carryFor(vault, by, result.withdrawal, request);
  return { view: result.view, receipt: receipts[0] as Receipt | undefined };
}

function newRow(
  metadataKey: SecretKey,
  { tenant, country }: Tenant,
  by: Caller,
  { kinds, received: said, person }: NewSubject,
  now: string,
): SubjectRequest {
  if (said !== undefined && said > now)
    throw new VaultError('malformed', 'the request is not valid', {
      fields: [{ pointer: '/received', detail: 'must not be in the future' }],
    });
  const of = { tenant, id: newId('sub') };
  const received = said ?? now;
  return {
    ...of,
    kinds,
    ...{ state: 'OPEN', version: 1, round: 1, created: now, received, due: dueAt(received, country), extended: null },
    manager: by.principal,
    person: sealOfSubject(metadataKey, of, 'person', person),
    ...{ identified: null, evidence: null, searched: null, change: null, words: null },
    ...{ copies: null, copiesBy: null, ended: null },
  };
}

/** The indexes that find the person's recordings. Throws `malformed`. */
export function indexesOfPerson(
  vault: Pick<Vault, 'phones'>,
  metadataKey: SecretKey,
  { country, searchable }: Pick<Tenant, 'country' | 'searchable'>,
  { numbers, fields }: Pick<SubjectPerson, 'numbers' | 'fields'>,
): IndexValue[] {
  const names = Object.keys(fields);
  const problem =
    numbers.length + names.length === 0
      ? { pointer: '/person/numbers', detail: 'is required, or fields' }
      : names.some((name) => !searchable.includes(name))
        ? { pointer: '/person/fields', detail: 'has a field that your organisation does not search by' }
        : null;
  if (problem !== null) throw new VaultError('malformed', 'the request is not valid', { fields: [problem] });
  return [
    ...numbers.map((number) => phoneIndex(metadataKey, vault.phones, number, country)),
    ...Object.entries(fields).map(([name, text]) => textIndex(metadataKey, `field:${name}`, text)),
  ];
}

/** The first result of `openSubject`, with the request as it is now. Throws `not_found` where its row was deleted. */
export async function replayOpened(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  stored: StoredOutcome,
  request: RequestContext,
): Promise<SubjectResult> {
  return replaySubject(vault, by, findId(stored.ids, 'sub') ?? '', stored, request);
}
