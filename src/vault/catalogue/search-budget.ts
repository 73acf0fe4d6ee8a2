// The budget of a person or service for searches without a match by what lists hide: it stops guessing of masked numbers.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import type { Window } from '../../ports/rows/log-rows.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { actorOf, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { readScope, scopeFilter } from '../core/scope/read-scope.ts';

/** How many number searches without a match a window of UTC time allows (docs/decisions/0027). */
const BUDGETS = [
  { name: 'hour', seconds: 3_600, misses: 30 },
  { name: 'day', seconds: 86_400, misses: 100 },
] as const;

/** What lists do not show browsers. Platforms write numbers into call ids. */
const HIDDEN: readonly string[] = ['phone', 'phone-last4', 'call_id'];

/** The action that the windows are counted under. */
const ACTION = 'search.missed';

/**
 * Charges a search for its number indexes, and only where no recording in the caller's scope has them. Once the budget is used
 * up nothing is looked up: even a rejection would reveal whether a number exists. Locks the windows' rows until the
 * transaction ends, so that concurrent searches are charged one after another. Returns an event for each window that
 * this search uses up. Throws `too_many_searches` where a window was used up before.
 */
export async function chargeSearch(
  tx: Transaction,
  by: Caller,
  indexes: readonly IndexValue[],
  metadataKey: SecretKey,
  request: RequestContext,
): Promise<readonly NewEvent[]> {
  const numbers = indexes.filter(({ label }) => HIDDEN.includes(label));
  if (numbers.length === 0) return [];
  const now = Date.parse(await tx.now());
  const counted: { readonly budget: (typeof BUDGETS)[number]; readonly window: Window; readonly misses: number }[] = [];
  for (const budget of BUDGETS) {
    const length = budget.seconds * 1000;
    const start = new Date(now - (now % length)).toISOString();
    const window = { tenant: by.tenant, action: ACTION, subject: by.principal, target: budget.name, start };
    counted.push({ budget, window, misses: await tx.windows.lockedCount(window) });
  }
  const used = counted.filter(({ budget, misses }) => misses >= budget.misses).at(-1);
  if (used !== undefined) throw tooMany(used.budget, now);
  const scope = await scopeFilter(tx, await readScope(tx, metadataKey, by));
  const filter = { indexes: numbers, ...(scope === undefined ? {} : { scope }) };
  const found = await tx.recordings.page(by.tenant, filter, null, 1);
  if (found.length > 0) return [];
  for (const { window, misses } of counted) await tx.windows.set(window, misses + 1);
  return counted
    .filter(({ budget, misses }) => misses + 1 === budget.misses)
    .map(({ budget }) => {
      const object = { id: by.tenant, budget: budget.name, misses: budget.misses };
      return event(by.tenant, actorOf(by), 'search.limited', object, request);
    });
}

function tooMany({ name, seconds, misses }: (typeof BUDGETS)[number], now: number): VaultError {
  const retryAfter = seconds - Math.floor((now / 1000) % seconds);
  const detail = `${misses} searches by number or call id found no recording within this ${name}; searches by agent, queue or ticket still work`;
  return new VaultError('too_many_searches', detail, { retryAfter });
}
