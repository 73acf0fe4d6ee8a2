// What keeps a recording from being erased before everything else: legal holds.
import { VaultError } from '../../../errors.ts';
import type { Recording } from '../../../model/recording.ts';
import type { Rows } from '../../../ports/database.ts';

/** How many holds an error names. */
const MOST_NAMED = 5;
/** A hold by rule takes a second for some thousand recordings. */
const RETRY_AFTER = 5;

/**
 * Throws `hold_being_placed` while a hold of the tenant is being placed, since what it will cover is not known yet, and
 * `held` where a hold has the recording, or a hold of the tenant is damaged. Throws `integrity` where the rows of holds
 * are not those that the recording's count is of. A transaction that erases holds the tenant's row and the recording's.
 */
export async function requireNotHeld(
  rows: Pick<Rows, 'legalHolds'>,
  { tenant, id, holds }: Pick<Recording, 'tenant' | 'id' | 'holds'>,
): Promise<void> {
  const blocking = await rows.legalHolds.blocking(tenant);
  if (blocking?.damaged === true)
    throw new VaultError(
      'held',
      `the entries of hold ${blocking.id} are damaged, so nothing of this tenant is erased: repair them, then run callvault verify`,
    );
  if (blocking !== null)
    throw new VaultError('hold_being_placed', `hold ${blocking.id} is still being placed`, { retryAfter: RETRY_AFTER });
  const holding = await rows.legalHolds.holding(tenant, id, MOST_NAMED + 1);
  if (holding.length > 0) {
    const named = holding.slice(0, MOST_NAMED).join(', ');
    const more = holding.length > MOST_NAMED ? ' and others' : '';
    throw new VaultError('held', `recording ${id} is under legal hold ${named}${more}: two people lift a hold`);
  }
  // Rows of lifted holds count until background work has lowered the count.
  const counted = (await rows.legalHolds.countOf(tenant, [id])).get(id) ?? 0;
  if (counted !== holds)
    throw new VaultError(
      'integrity',
      `the holds of recording ${id} are not as they were written, so it is not erased: run callvault verify`,
    );
}
