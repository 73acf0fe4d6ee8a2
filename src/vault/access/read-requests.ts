// Reading access requests with their reasons: the caller's own, or for approvers all of the tenant's.
import { phoneValue } from '../../envelope/blind-index.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { AccessRequest, RequestState } from '../../model/access.ts';
import { recordingChecks } from '../../model/access-checks.ts';
import type { Check } from '../../model/check.ts';
import { may } from '../../model/permissions.ts';
import type { Caller } from '../../model/principal.ts';
import { otherParty, sameNumberGroups } from '../../model/same-number.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import type { PhoneNumbers } from '../../ports/phone-numbers.ts';
import { requireAuthentic } from '../core/authority/authority-rows.ts';
import type { RecordingView } from '../core/objects/recording-view.ts';
import type { RequestContext } from '../core/request-context.ts';
import { hasQueueOf, readScope } from '../core/scope/read-scope.ts';
import type { Vault } from '../core/vault.ts';
import { accessContext } from './context.ts';
import { deciderChecks } from './decide.ts';
import { recordAccessRead } from './record-access-read.ts';
import { type RequestView, requestViews } from './views.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys'>;

/** A requester's recent use: requests of 30 days, sessions of 24 hours. */
export type RequesterUsage = {
  readonly asked: number;
  readonly approved: number;
  readonly denied: number;
  readonly sessions: number;
  readonly seconds: number;
};

/** One request with its requester's use, and for approvers the checks of their decision. */
export type RequestDetails = RequestView & { readonly use: RequesterUsage; readonly checks: readonly Check[] | null };

/** One request. Throws `not_found` unless the caller made it or may decide on it. */
export async function readRequest(
  vault: Deps,
  by: Caller,
  id: string,
  request: RequestContext,
): Promise<RequestDetails> {
  const { metadataKey } = await recordAccessRead(vault, by, request);
  return vault.db.read(async (rows) => {
    const row = await rows.access.request(by.tenant, id);
    // An approver must see exactly what was requested.
    if (row !== null) requireAuthentic(metadataKey, 'access_request', row);
    const decides = may(by, 'access.decide') && row !== null && (await seesRequest(rows, metadataKey, by, row));
    const [view] =
      row?.requester === by.principal || decides
        ? await requestViews(rows, metadataKey, by.tenant, row === null ? [] : [row])
        : [];
    if (row === null || view === undefined) throw new VaultError('not_found', 'there is no such request');
    const whose = { tenant: by.tenant, principal: row.requester };
    const [requester, recording] = await Promise.all([
      rows.principals.find(by.tenant, row.requester),
      decides ? rows.recordings.find(by.tenant, row.recording) : null,
    ]);
    const checks =
      decides && requester !== null
        ? [
            ...recordingChecks(await accessContext(rows, metadataKey, whose, recording), row.purpose),
            ...(await deciderChecks(rows, metadataKey, by, row, requester)),
          ]
        : null;
    return { ...view, use: await useOf(rows, row), checks };
  }, request);
}

/** A request in a page. `sameNumber`: the group of those in this page whose calls had the same other party. */
export type ListedRequest = RequestView & { readonly sameNumber: number | null };

/** A page of requests. `more`: others follow. */
export type RequestPage = { readonly requests: readonly ListedRequest[]; readonly more: boolean };

/** Filters of a list of requests: `mine` true for the caller's own, false for others'. */
export type RequestListOptions = { readonly state?: RequestState; readonly mine?: boolean };

/** At most `limit` of the caller's requests, newest first; for approvers, of the tenant's. */
export async function listRequests(
  vault: Deps & Pick<Vault, 'phones'>,
  by: Caller,
  { state, mine }: RequestListOptions,
  before: string | null,
  limit: number,
  request: RequestContext,
): Promise<RequestPage> {
  const { metadataKey, tenant } = await recordAccessRead(vault, by, request);
  const decides = may(by, 'access.decide');
  if (!decides && mine === false) return { requests: [], more: false };
  const narrowed = {
    ...(mine === true || !decides ? { requester: by.principal } : {}),
    ...(mine === false ? { notBy: by.principal } : {}),
    ...(state === undefined ? {} : { state }),
  };
  return vault.db.read(async (rows) => {
    const scope = narrowed.requester === undefined ? await readScope(rows, metadataKey, by) : 'all';
    const filter = { ...narrowed, ...(scope === 'all' ? {} : { scope }) };
    const read = await rows.access.requests(by.tenant, filter, before, limit + 1);
    const found = read.slice(0, limit);
    for (const row of found) requireAuthentic(metadataKey, 'access_request', row);
    const views = await requestViews(rows, metadataKey, by.tenant, found);
    const groups = sameNumberGroups(views.map(({ recording }) => otherPartyOf(vault.phones, tenant, recording)));
    const requests = views.map((view, at) => ({ ...view, sameNumber: groups[at] ?? null }));
    return { requests, more: read.length > limit };
  }, request);
}

/** Whether the caller sees a request: their own, or one for a recording with a queue of theirs. */
async function seesRequest(rows: Rows, metadataKey: SecretKey, by: Caller, row: AccessRequest): Promise<boolean> {
  if (row.requester === by.principal) return true;
  return hasQueueOf(rows, await readScope(rows, metadataKey, by), by.tenant, row.recording);
}

/** The other party's number in the form in which searches compare it, however the platform spelled it. */
function otherPartyOf(phones: PhoneNumbers, { country }: Tenant, view: RecordingView | null): string | null {
  if (view === null || view.facts === null) return null;
  const number = otherParty({ direction: view.recording.direction, numbers: view.facts.numbers });
  return number === null ? null : phoneValue(number, phones.e164(number, country));
}

const DAY_MS = 86_400_000;

async function useOf(rows: Rows, { tenant, requester }: AccessRequest): Promise<RequesterUsage> {
  const now = await rows.now();
  const before = (days: number) => new Date(Date.parse(now) - days * DAY_MS).toISOString();
  const counted = await rows.access.countRequests(tenant, requester, before(30));
  const of = (state: RequestState) => counted.find((line) => line.state === state)?.requests ?? 0;
  const sessions = await rows.sessions.openedSince(tenant, requester, before(1));
  const lasted = sessions.map(({ opened, ended, ends }) => {
    const [end = now] = [ended ?? ends, now].sort();
    return Math.max(0, Date.parse(end) - Date.parse(opened));
  });
  return {
    asked: counted.reduce((sum, line) => sum + line.requests, 0),
    approved: of('APPROVED'),
    denied: of('DENIED'),
    sessions: sessions.length,
    seconds: Math.round(lasted.reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000),
  };
}
