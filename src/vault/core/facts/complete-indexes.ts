// Whether a search by blind indexes finds all recordings: values that came later reach older recordings step by step.
import type { IndexLabel } from '../../../envelope/blind-index.ts';
import type { Rows } from '../../../ports/database.ts';

/** The version with which the recordings that were stored before it got an index of their call id. */
const WITH_CALL_IDS = 1;

/**
 * Whether each recording with values of these labels has their indexes. Reads a row only for labels that recordings got
 * later than others; in the snapshot of a search it is exact.
 */
export async function areIndexesComplete(
  { indexes }: Pick<Rows, 'indexes'>,
  tenant: string,
  labels: readonly IndexLabel[],
): Promise<boolean> {
  const [calls, fields] = [labels.includes('call_id'), labels.some((label) => label.startsWith('field:'))];
  if (!calls && !fields) return true;
  const versions = await indexes.versions(tenant);
  if (versions === null) return true;
  const { complete, current } = versions;
  return (!calls || complete >= WITH_CALL_IDS) && (!fields || complete === current);
}
