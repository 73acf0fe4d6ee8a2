// The budget of a person or service for searches by number that find nothing: a masked number must not be found by trying.
import { VaultError } from '../../errors.ts';
import type { NewEvent } from '../../model/audit-event.ts';
import type { Caller } from '../../model/principal.ts';
import type { Transaction } from '../../ports/database.ts';
import type { Window } from '../../ports/rows/log-rows.ts';
import type { IndexValue } from '../../ports/rows/recording-rows.ts';
import { actorOf, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';

/** How many searches by number may find nothing in one window of UTC time. docs/decisions/0027 says why these. */
const BUDGETS = [
  { name: 'hour', seconds: 3_600, misses: 30 },
  { name: 'day', seconds: 86_400, misses: 100 },
] as const;

/** What the windows are counted under. */
const ACTION = 'search.missed';

/**
 * Charges a search by these indexes, of which only numbers cost, and only where no recording of the tenant has them.
 * Whether a recording has them is not looked at once the budget is used up: a refusal must not tell either. The rows of
 * the windows are held until the transaction ends, so that searches in parallel come one after the other. Returns an
 * event for each window that this search uses up. Throws `too_many_searches` where one was used up before.
 */
export async function chargeSearch(
  tx: Transaction,
  by: Caller,
  indexes: readonly IndexValue[],
  request: RequestContext,
): Promise<readonly NewEvent[]> {
  const numbers = indexes.filter(({ label }) => label === 'phone' || label === 'phone-last4');
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
  const found = await tx.recordings.page(by.tenant, { indexes: numbers }, null, 1);
  if (found.length > 0) return [];
  for (const { window, misses } of counted) await tx.windows.set(window, misses + 1);
  return counted
    .filter(({ budget, misses }) => misses + 1 === budget.misses)
    .map(({ budget }) => {
      const object = { id: by.tenant, window: budget.name, misses: budget.misses };
      return event(by.tenant, actorOf(by), 'search.limited', object, request);
    });
}

function tooMany({ name, seconds, misses }: (typeof BUDGETS)[number], now: number): VaultError {
  const retryAfter = seconds - Math.floor((now / 1000) % seconds);
  const detail = `${misses} searches by number found no recording within this ${name}; searching by agent, queue or ticket goes on`;
  return new VaultError('too_many_searches', detail, { retryAfter });
}
