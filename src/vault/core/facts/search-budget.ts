// The budget of a person or service for lookups by number, call id or field that match nothing: it stops guessing of masked numbers.
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../../errors.ts';
import type { NewEvent } from '../../../model/audit-event.ts';
import type { Caller } from '../../../model/principal.ts';
import type { Transaction } from '../../../ports/database.ts';
import type { Window } from '../../../ports/rows/log-rows.ts';
import type { IndexValue } from '../../../ports/rows/recording-rows.ts';
import { countEvent } from '../events/count-events.ts';
import { actorOf, event } from '../events/events.ts';
import type { RequestContext } from '../request-context.ts';
import { readScope, scopeFilter } from '../scope/read-scope.ts';
import type { Vault } from '../vault.ts';

/** How many lookups without a match a window of UTC time allows (docs/decisions/0027). */
const BUDGETS = [
  { name: 'hour', span: 'an hour', seconds: 3_600, misses: 30 },
  { name: 'day', span: 'a day', seconds: 86_400, misses: 100 },
] as const;

/** What lists do not show browsers, and fields of the tenant's. Platforms write numbers into call ids and fields. */
const isCharged = ({ label }: IndexValue): boolean =>
  label === 'phone' || label === 'phone-last4' || label === 'call_id' || label.startsWith('field:');

/** The action that the windows are counted under. */
const ACTION = 'search.missed';

/**
 * Charges what a request looks recordings up by: one for each of `lookups` that no recording in the caller's scope matches,
 * all of its indexes together; indexes of what lists show cost nothing. Where the budget does not reach for all of them,
 * nothing is looked up: even a rejection would reveal whether a number exists. Every path that finds recordings by the
 * caller's values calls it first, in the transaction that finds them. Locks the windows' rows until that ends, so that
 * concurrent requests are charged one after another. Returns an event for each window that this uses up. Throws
 * `too_many_searches`.
 */
export async function chargeLookups(
  tx: Transaction,
  by: Caller,
  lookups: readonly (readonly IndexValue[])[],
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<readonly NewEvent[]> {
  const charged = lookups.map((indexes) => indexes.filter(isCharged)).filter((indexes) => indexes.length > 0);
  if (charged.length === 0) return [];
  const now = Date.parse(await tx.now());
  const counted: { readonly budget: (typeof BUDGETS)[number]; readonly window: Window; readonly misses: number }[] = [];
  for (const budget of BUDGETS) {
    const length = budget.seconds * 1000;
    const start = new Date(now - (now % length)).toISOString();
    const window = { tenant: by.tenant, action: ACTION, subject: by.principal, target: budget.name, start };
    counted.push({ budget, window, misses: await tx.windows.lockedCount(window) });
  }
  // A request with more values than a window allows has a whole window to itself.
  const used = counted.filter(({ budget, misses }) => misses + Math.min(charged.length, budget.misses) > budget.misses);
  const last = used.at(-1);
  if (last !== undefined) throw tooMany(last.budget, now);
  const missed = await countMisses(tx, by, charged, metadataKey);
  if (missed === 0) return [];
  for (const { window, misses } of counted) await tx.windows.set(window, misses + missed);
  return counted
    .filter(({ budget, misses }) => misses + missed >= budget.misses)
    .map(({ budget }) => {
      const object = { id: by.tenant, budget: budget.name, misses: budget.misses };
      return event(by.tenant, actorOf(by), 'search.limited', object, request);
    });
}

async function countMisses(
  tx: Transaction,
  by: Caller,
  charged: readonly (readonly IndexValue[])[],
  metadataKey: SecretKey,
): Promise<number> {
  const scope = await scopeFilter(tx, await readScope(tx, metadataKey, by));
  let missed = 0;
  for (const indexes of charged) {
    const filter = { indexes, ...(scope === undefined ? {} : { scope }) };
    if ((await tx.recordings.page(by.tenant, filter, null, 1)).length === 0) missed++;
  }
  return missed;
}

/** Counts a request that the budget rejected: the first of an hour is an event. Any other error is not counted. */
export async function countRefusedLookup(
  vault: Pick<Vault, 'db' | 'clock'>,
  error: unknown,
  by: Caller,
  request: RequestContext,
): Promise<void> {
  if (!hasCode(error, 'too_many_searches')) return;
  const what = { tenant: by.tenant, actor: actorOf(by), object: { id: by.tenant } } as const;
  await countEvent(vault, { ...what, action: 'search.limited', outcome: 'refused' }, request);
}

function tooMany({ span, seconds, misses }: (typeof BUDGETS)[number], now: number): VaultError {
  const retryAfter = seconds - Math.floor((now / 1000) % seconds);
  const detail = `at most ${misses} numbers, call ids and fields that no recording has may be looked up within ${span}; searches by agent, queue or ticket still work`;
  return new VaultError('too_many_searches', detail, { retryAfter });
}
