// Whether an envelope has a recording's facts: from then on they change by entries alone.
import type { Recording } from '../../../model/recording.ts';
import type { Rows } from '../../../ports/database.ts';

/**
 * Whether a deposit of the recording ever was COMMITTING, also one that was aborted since, or one that a restored
 * database no longer has: entries come after it.
 */
export async function areFactsSealed(
  rows: Pick<Rows, 'amendments' | 'deposits'>,
  { tenant, id, state }: Pick<Recording, 'tenant' | 'id' | 'state'>,
): Promise<boolean> {
  if (state !== 'EXPECTED' || (await rows.deposits.everCommitted(tenant, id))) return true;
  return (await rows.amendments.last(tenant, id)) !== null;
}
