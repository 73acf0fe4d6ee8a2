// Placing a legal hold: of a list of recordings, or of all that a query matches. One privacy officer does it at once.
import { canonicalBytes } from '../../bytes/canonical-json.ts';
import { isId, newId } from '../../bytes/ids.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { HoldScope } from '../../model/amendments/amendment.ts';
import type { NewEvent, Receipt } from '../../model/audit-event.ts';
import { type Hold, MAX_CONTINUING, MAX_COVERED, MAX_HOLDS } from '../../model/hold.ts';
import type { Caller } from '../../model/principal.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import type { MatchedRecording } from '../../ports/rows/hold-rows.ts';
import type { IndexValue, RecordingFilter } from '../../ports/rows/recording-rows.ts';
import { writeEntry } from '../core/amendments/write-entry.ts';
import { requireLiveCaller } from '../core/authority/live-credential.ts';
import { actorOf, event, presentedCredential, withDetail } from '../core/events/events.ts';
import { areIndexesComplete } from '../core/facts/complete-indexes.ts';
import { chargeLookups } from '../core/facts/search-budget.ts';
import { indexesOfTerms, type SearchTerms } from '../core/facts/search-terms.ts';
import { coverRecordings, lockRecordings } from '../core/holds/cover.ts';
import { filterOf, labelled, sealHoldNote, sealHoldScope } from '../core/holds/sealed-hold.ts';
import type { StoredOutcome } from '../core/idempotency/run-idempotent.ts';
import { findId, replyToStore, requireStillExists } from '../core/idempotency/stored-reply.ts';
import type { RequestContext } from '../core/request-context.ts';
import { metadataKeyOf, requireActive } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { placeOf } from './match-place.ts';
import { type HoldView, holdViews } from './view.ts';

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'phones' | 'replayGate'>;

/** A rule: what a search has. */
export type HoldQuery = SearchTerms & Pick<RecordingFilter, 'from' | 'to' | 'direction' | 'language'>;

/** What is wanted: a list of recordings, or a rule that may also cover what comes later. `review`: RFC 3339, UTC. */
export type WantedHold = {
  readonly reference: string;
  readonly title: string;
  readonly review: string;
} & (
  | { readonly recordings: readonly string[]; readonly query: null; readonly continuing: false }
  | { readonly recordings: null; readonly query: HoldQuery; readonly continuing: boolean }
);

/** A hold after what was done to it, and the receipt of that. */
export type HoldResult = { readonly view: HoldView; readonly receipt: Receipt | undefined };

/**
 * Places a hold. A list, and a rule that matches at most `MAX_COVERED`, is ACTIVE at once; of a larger rule the first are
 * covered, and background work covers the others. Throws `not_found` for a recording that does not exist, `erased`,
 * `malformed` for a query that is not valid, `conflict` where the tenant has too many holds, and as `chargeLookups`.
 */
export async function placeHold(
  vault: Deps,
  by: Caller,
  wanted: WantedHold,
  request: RequestContext,
): Promise<HoldResult> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const { result, receipts } = await vault.db.change(async (tx) => {
    await requireLiveCaller(tx, by, metadataKey);
    // Exclusive: an erasure, deposit or amendment that is under way comes before, and the next one sees this hold.
    const tenant = requireActive(await tx.tenants.lock(by.tenant));
    await requireFew(tx, tenant.tenant, wanted.continuing);
    const rule = ruleOf(vault, metadataKey, tenant, wanted);
    const used = await chargeLookups(tx, by, rule === null ? [] : [rule.indexes], metadataKey, request);
    const hold = await insertHold(tx, metadataKey, tenant, by, rule, wanted);
    const placed = await placedEvent(vault, tx, metadataKey, by, hold, wanted, request);
    const covered = await coverFirst(vault, tx, metadataKey, by, hold, request);
    const [view] = await holdViews(tx, metadataKey, [hold.row]);
    if (view === undefined) throw new VaultError('internal', 'a hold has a view');
    return {
      result: view,
      events: [placed, ...(covered === null ? [] : [covered]), ...used],
      ...replyToStore(request, 'created', hold.row.id),
    };
  }, request);
  return { view: result, receipt: receipts[0] };
}

/** The first result of `placeHold`, with the hold's current state. Throws `not_found` where its row was deleted. */
export async function replayPlacedHold(
  vault: Pick<Vault, 'db' | 'metadataKeys'>,
  by: Caller,
  { ids, receipt }: StoredOutcome,
  request: RequestContext,
): Promise<HoldResult> {
  const metadataKey = await metadataKeyOf(vault, by.tenant, request);
  const [view] = await vault.db.read(async (rows) => {
    const row = await rows.legalHolds.find(by.tenant, findId(ids, 'hld') ?? '');
    return holdViews(rows, metadataKey, row === null ? [] : [row]);
  }, request);
  return { view: requireStillExists(view ?? null), receipt };
}

async function requireFew(tx: Transaction, tenant: string, continuing: boolean): Promise<void> {
  const now = await tx.legalHolds.countOpen(tenant);
  if (now.open >= MAX_HOLDS)
    throw new VaultError('conflict', `a tenant has at most ${MAX_HOLDS} holds that are not lifted`);
  if (continuing && now.continuing >= MAX_CONTINUING)
    throw new VaultError('conflict', `a tenant has at most ${MAX_CONTINUING} holds that continue`);
}

/** A rule, its indexes, and the labels that these are under; null for a list. */
type Rule = { readonly scope: HoldScope; readonly indexes: readonly IndexValue[] } | null;

function ruleOf(
  vault: Pick<Vault, 'phones'>,
  metadataKey: SecretKey,
  tenant: Tenant,
  { query }: Pick<WantedHold, 'query'>,
): Rule {
  if (query === null) return null;
  const { from, to, direction, language, ...terms } = query;
  if (from !== undefined && to !== undefined && from >= to)
    throw new VaultError('malformed', 'the request is not valid', {
      fields: [{ pointer: '/query/to', detail: 'must be after from' }],
    });
  const indexes = indexesOfTerms(vault, tenant, metadataKey, terms, '/query');
  const clear = { from, to, direction, language };
  const scope = Object.fromEntries(Object.entries(clear).filter(([, value]) => value !== undefined)) as HoldScope;
  return { indexes, scope: indexes.length === 0 ? scope : { ...scope, indexes: labelled(indexes) } };
}

/** A hold that is being placed: its row, its rule, and the recordings to cover now, locked. */
type Placing = {
  readonly row: Hold;
  readonly rule: Rule;
  readonly locked: readonly (Recording | null)[];
};

async function insertHold(
  tx: Transaction,
  metadataKey: SecretKey,
  { tenant }: Tenant,
  by: Caller,
  rule: Rule,
  wanted: WantedHold,
): Promise<Placing> {
  const of = { tenant, id: newId('hld') };
  const { reference, title, review, continuing } = wanted;
  const first = rule === null ? null : await firstMatches(tx, tenant, rule);
  const row: Hold = {
    ...of,
    state: first === null || first.whole ? 'ACTIVE' : 'PLACING',
    version: 1,
    created: await tx.now(),
    note: sealHoldNote(metadataKey, of, { reference, title }),
    scope: rule === null ? null : sealHoldScope(metadataKey, of, rule.scope),
    continuing,
    review,
    placedBy: by.principal,
    lifted: null,
    liftedBy: null,
    damaged: false,
    reached: first?.reached ?? '',
    settled: first === null || first.whole,
  };
  await tx.legalHolds.insert(row);
  const ids = first?.found.map(({ id }) => id) ?? [...new Set(wanted.recordings)];
  const locked = await lockRecordings(tx, tenant, ids);
  if (first === null) requireHoldable(ids, locked);
  return { row, rule, locked };
}

type First = { readonly found: readonly MatchedRecording[]; readonly whole: boolean; readonly reached: string };

/**
 * The first matches, and whether they are all. Indexes that older recordings still get are looked at by background work,
 * once they have them.
 */
async function firstMatches(tx: Transaction, tenant: string, { scope, indexes }: NonNullable<Rule>): Promise<First> {
  const labels = indexes.map(({ label }) => label);
  if (!(await areIndexesComplete(tx, tenant, labels))) return { found: [], whole: false, reached: '' };
  const matches = await tx.legalHolds.matches(tenant, filterOf(scope), null, null, MAX_COVERED + 1);
  const found = matches.slice(0, MAX_COVERED);
  const whole = matches.length <= MAX_COVERED;
  return { found, whole, reached: whole ? '' : placeOf(found.at(-1)) };
}

/** Throws `not_found` and `erased` for recordings that cannot be held. */
export function requireHoldable(ids: readonly string[], locked: readonly (Recording | null)[]): void {
  const found = new Map(locked.flatMap((one) => (one === null ? [] : [[one.id, one] as const])));
  for (const id of ids) {
    const recording = isId(id, 'rec') ? found.get(id) : undefined;
    if (recording === undefined) throw new VaultError('not_found', `there is no recording ${id}`);
    if (isErased(recording)) throw new VaultError('erased', `${id} was erased`);
  }
}

async function placedEvent(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  by: Caller,
  { row: { tenant, id }, rule }: Placing,
  { reference, title, review, continuing, query }: WantedHold,
  request: RequestContext,
): Promise<NewEvent> {
  const object = { id, ...presentedCredential(by) };
  const made = event(tenant, actorOf(by), 'hold.placed', object, request);
  const text = { reference, title, review, continuing, ...(rule === null ? {} : { scope: rule.scope }) };
  const written = await writeEntry(vault, tx, metadataKey, { tenant, subject: id }, made, { op: 'hold', ...text });
  const asked = query === null ? {} : { query: canonicalBytes(query).toString() };
  return withDetail(written, metadataKey, { reference, title, ...asked });
}

function coverFirst(
  vault: Pick<Vault, 'replayGate'>,
  tx: Transaction,
  metadataKey: SecretKey,
  by: Caller,
  { row, locked }: Placing,
  request: RequestContext,
): Promise<NewEvent | null> {
  const coverer = { by: actorOf(by), credential: presentedCredential(by) };
  return coverRecordings(vault, tx, metadataKey, row, locked, false, coverer, request);
}
