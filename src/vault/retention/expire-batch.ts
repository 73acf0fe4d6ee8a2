// One batch of expiry: some due recordings of a tenant, erased together under one event of the rules that cause it.

import { type EventOf, eventList } from '../../model/audit-event.ts';
import type { Facts } from '../../model/facts.ts';
import { isErased, type Recording } from '../../model/recording.ts';
import { type Due, isDue, lifetimeOf, type RulesInForce } from '../../model/retention/lifetime.ts';
import type { ExpiryRow } from '../../model/retention/rows.ts';
import { saysEarlier, sealedDue } from '../../model/retention/sealed-lifetime.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import type { Transaction } from '../../ports/database.ts';
import type { NewLifetime } from '../../ports/rows/retention-rows.ts';
import { event, systemActor } from '../core/events/events.ts';
import { groupBy } from '../core/group-by.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { TruthDeps } from '../core/sealed/sealed-truth.ts';
import { lockActiveTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { type ErasedTogether, eraseTogether } from '../erasure/erase-together.ts';
import { lockedExpiry } from './expiry-row.ts';
import { type ExpiryBatch, readTruths } from './read-truths.ts';

type Deps = TruthDeps & Pick<Vault, 'sessionKeys'>;

/**
 * How many expired, how long the transaction took in milliseconds, and recordings that stay for a day: what is sealed of them does not open or is not what the log has
 * (`damaged`), or their rows say an earlier time, or no hold where one holds them (`differing`).
 */
export type ExpiredBatch = {
  readonly erased: number;
  readonly tookMs: number;
  readonly damaged: readonly string[];
  readonly differing: readonly string[];
};

type Done = Omit<ExpiredBatch, 'tookMs'>;

const NOTHING: Done = { erased: 0, damaged: [], differing: [] };

/**
 * Erases those of the candidates that are due: by their rows, and by the rules in force on what is sealed of them, which
 * is read before, outside the transaction. This requires the version that each row had then, and locks each. The tenant's
 * row is shared, so that no rules, hold or pause come between. `clockSince`: since when the clock is judged, for the event.
 * Nothing where expiry does not run. Throws `integrity` where
 * the log does not have the rules in force, or a hold's stream is damaged, and the errors of store and key service.
 */
export async function expireBatch(
  vault: Deps,
  { tenant, metadataKey, candidates, clockSince }: ExpiryBatch & { readonly clockSince: string },
  request: RequestContext,
): Promise<ExpiredBatch> {
  const known = await readTruths(vault, { tenant, metadataKey, candidates }, request);
  if (known === null) return { ...NOTHING, tookMs: 0 };
  const began = vault.clock.steady();
  const { result } = await vault.db.change<Batched>(async (tx) => {
    const row = await lockActiveTenant(tx, tenant);
    const expiry = await lockedExpiry(tx, tenant);
    const nothing = { result: { done: NOTHING, others: [], sessions: [] }, unchanged: true as const };
    if (expiry.state !== 'RUNNING' || expiry.applying !== null || row.retention !== (known.rules?.id ?? null))
      return nothing;
    // While a hold is being placed, what it will keep is not known; a damaged one may keep anything.
    if ((await tx.legalHolds.blocking(tenant)) !== null) return nothing;
    const held = await tx.legalHolds.countOf(tenant, candidates);
    // An open request for access keeps what it found: its answer is about these recordings.
    const asked = new Set(await tx.subjects.heldAmong(tenant, candidates));
    const now = await tx.now();
    const damaged: string[] = [];
    const differing: EventOf<'recording.row_differs'>[] = [];
    const others: NewLifetime[] = [];
    const going: GoingRecording[] = [];
    for (const recording of await tx.retention.lockMany(tenant, candidates)) {
      const { id } = recording;
      if (isErased(recording) || recording.holds > 0 || recording.restricted !== null) continue;
      if (asked.has(id)) continue;
      if (recording.quarantine.includes('rebuilt') || recording.facts === null) continue;
      const truth = known.truths.get(id);
      // Changed since it was read: the next round reads it again.
      if (truth === undefined || (truth !== 'damaged' && truth.version !== recording.version)) continue;
      // The rows of holds count too: a count that was edited lets nothing go.
      if (truth === 'damaged' || (held.get(id) ?? 0) > 0) {
        damaged.push(id);
        others.push(triedLater(recording, now));
        continue;
      }
      const due = sealedDue(known.rules?.rules ?? null, truth.begun, truth.history);
      const differs = known.held.has(id) ? 'hold' : saysEarlier(recording, due) ? 'lifetime' : null;
      if (differs !== null) {
        differing.push(event(tenant, systemActor(vault.settings), 'recording.row_differs', { id, differs }, request));
        others.push(triedLater(recording, now));
      } else if (isDue(recording, due, now)) {
        const facts = truth.history.at(-1)?.facts as Facts;
        going.push({ recording, due, cause: await causeOf(tx, tenant, known.rules, due, facts) });
      } else others.push(lifetimeIn(recording, known.rules, due, now));
    }
    const done = { erased: going.length, damaged, differing: differing.map(({ object }) => object.id) };
    const [first, ...more] = differing;
    if (going.length === 0) {
      const result = { done, others, sessions: [] };
      return first === undefined ? { result, unchanged: true } : { result, events: [first, ...more] };
    }
    const parts: ErasedTogether[] = [];
    for (const [cause, some] of groupBy(going, (one) => one.cause ?? ''))
      parts.push(await eraseAll(tx, vault, { tenant, cause, going: some, clockSince }, request));
    const events = [...parts.flatMap((part) => part.events), ...differing];
    const erasures = parts.flatMap((part) => part.erasures);
    const sessions = parts.flatMap((part) => part.sessions);
    await tx.retention.changeExpiry(expiry, countedOn(expiry, now.slice(0, 10), going.length));
    return { result: { done, others, sessions }, events, erasures };
  }, request);
  const tookMs = vault.clock.steady() - began;
  for (const session of result.sessions) vault.sessionKeys.end(session);
  // No event: nothing happens to these. Their rows must not come first again and again.
  if (result.others.length > 0) await vault.db.note(({ retention }) => retention.setLifetimes(result.others), request);
  return { ...result.done, tookMs };
}

/** What a batch leads to: `others` are not due by their facts, and get the times that these say. */
type Batched = {
  readonly done: Done;
  readonly others: readonly NewLifetime[];
  readonly sessions: readonly string[];
};

/** How long such a recording is passed over: it must not keep others from going. */
const DAMAGED_WAIT_MS = 86_400_000;

function triedLater({ tenant, id, version, keepUntil, ruled, profile }: Recording, now: string): NewLifetime {
  return { tenant, id, version, keepUntil, ruled, profile, eraseAfter: addMilliseconds(now, DAMAGED_WAIT_MS) };
}

function lifetimeIn(recording: Recording, version: RulesInForce | null, due: Due, now: string): NewLifetime {
  const { tenant, id, version: at, profile, eraseAfter: before } = recording;
  return { tenant, id, version: at, profile, ...lifetimeOf(version, due, { before, now }) };
}

/** A recording that goes, and what causes it: a version of the rules, or a withdrawal of consent; null for neither. */
type GoingRecording = { readonly recording: Recording; readonly due: Due; readonly cause: string | null };

/** What the subject asked for is caused by their request or withdrawal; all else by the rules. */
async function causeOf(
  tx: Transaction,
  tenant: string,
  version: RulesInForce | null,
  { asked }: Due,
  { basis: { withdrawn }, asked: wish }: Facts,
): Promise<string | null> {
  if (asked && wish !== undefined) return wish.request;
  if (!asked || withdrawn === undefined) return version?.id ?? null;
  return (await tx.consent.withdrawalAt(tenant, withdrawn.at))?.id ?? version?.id ?? null;
}

type Going = {
  readonly tenant: string;
  /** Empty for none. */
  readonly cause: string;
  readonly going: readonly GoingRecording[];
  readonly clockSince: string;
};

async function eraseAll(
  tx: Transaction,
  vault: Pick<Vault, 'settings'>,
  { tenant, cause, going, clockSince }: Going,
  request: RequestContext,
): Promise<ErasedTogether> {
  const by = systemActor(vault.settings);
  const kept = going.flatMap(({ due }) => due.keepUntil ?? []).sort();
  const latest = kept.at(-1);
  const object = {
    type: 'tenant' as const,
    id: tenant,
    recordings: eventList(going.map(({ recording }) => recording.id)),
    reason: cause.startsWith('ret_') ? ('retention' as const) : ('request' as const),
    ...(cause === '' ? {} : { cause }),
    ...(latest === undefined ? {} : { kept_until: latest }),
    clock_since: clockSince,
  };
  const began = event(tenant, by, 'recording.erasing', object, request);
  return eraseTogether(
    tx,
    by,
    began,
    going.map(({ recording }) => recording),
    request,
  );
}

/** The counter of a day, which a new day begins again. */
function countedOn({ day, erased }: ExpiryRow, today: string, count: number) {
  return { day: today, erased: (day === today ? erased : 0) + count };
}
