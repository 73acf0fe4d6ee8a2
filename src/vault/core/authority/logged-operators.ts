// The operators of the deployment as its log has them: no edit of a row, and none that is missing, changes who they were.
import type { Leaf } from '../../../model/log/leaf.ts';
import { listed } from '../../../model/log/leaf.ts';
import type { Rows } from '../../../ports/database.ts';
import { DEPLOYMENT } from '../events/events.ts';
import { eventsFrom } from './logged-events.ts';

/** An operator, deactivated ones included. `code`: their staff code; null where the log has none. */
export type LoggedOperator = { readonly id: string; readonly code: string | null };

/** The operators who have, or ever had, a passkey. */
export async function operatorsWithPasskey(rows: Pick<Rows, 'log' | 'principals'>): Promise<readonly LoggedOperator[]> {
  const found: LoggedOperator[] = [];
  for (const id of await rows.log.subjectIds(DEPLOYMENT, 'usr_')) {
    const leaves = (await eventsFrom(rows, 0, id)).flatMap(({ leaf }) => (leaf === null ? [] : [leaf]));
    const added = leaves.find((leaf) => isOk(leaf, 'operator.added') && leaf.object.id === id);
    const hasPasskey = leaves.some((leaf) => isOk(leaf, 'passkey.added') && leaf.object['principal'] === id);
    if (added === undefined || !hasPasskey || !listed(added.object['roles']).includes('operator')) continue;
    found.push({ id, code: await codeIn(rows, added) });
  }
  return found;
}

/** Events of older versions have no code: the row has it. */
async function codeIn({ principals }: Pick<Rows, 'principals'>, { object }: Leaf): Promise<string | null> {
  if (object['code'] !== undefined) return String(object['code']);
  const row = await principals.find(DEPLOYMENT, object.id);
  return row === null ? null : Buffer.from(row.name).toString();
}

function isOk({ action, outcome }: Leaf, wanted: string): boolean {
  return action === wanted && outcome === 'ok';
}
