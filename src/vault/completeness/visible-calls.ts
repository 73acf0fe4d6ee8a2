// Which calls of a source a caller may count: people of the tenant all, a service what it deposits.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Caller } from '../../model/principal.ts';
import { hasQueue } from '../../model/team/scope.ts';
import type { Rows } from '../../ports/database.ts';
import type { CallFilter } from '../../ports/rows/completeness-rows.ts';
import { NO_QUEUE, textIndex } from '../core/facts/indexes.ts';
import { readScope } from '../core/scope/read-scope.ts';
import { isLister } from '../core/sources/source-binding.ts';

/**
 * The calls that the caller may count: of one queue where it is named, empty for calls without one. An uploader sees what
 * it deposits and what no service deposits yet; people whom teams limit, those of their queues.
 */
export async function visibleCalls(
  rows: Pick<Rows, 'tenants' | 'teams'>,
  metadataKey: SecretKey,
  by: Caller,
  queue: string | null,
): Promise<CallFilter> {
  const named = queue === null ? null : queue === '' ? NO_QUEUE : textIndex(metadataKey, 'queue', queue).value;
  const scope = await readScope(rows, metadataKey, by);
  const depositors = seesAllCalls(by) ? null : [by.principal, ''];
  if (scope === 'all') return { queues: named === null ? null : [named], depositors };
  if (named === null) return { queues: scope.queues, depositors };
  return { queues: hasQueue(scope, { queue: named }) ? [named] : [], depositors };
}

/** The sources that the caller may count; null for all. A service that sends lists alone: those that it sends lists of. */
export async function visibleSources(rows: Pick<Rows, 'sources'>, by: Caller): Promise<readonly string[] | null> {
  if (!isLister(by)) return null;
  const all = await rows.sources.all(by.tenant);
  return all.filter(({ use, service }) => use === 'lists' && service === by.principal).map(({ name }) => name);
}

/** Whether the caller counts calls of all depositors. */
function seesAllCalls({ roles }: Caller): boolean {
  return roles.includes('privacy') || roles.includes('admin') || roles.includes('lists');
}

/** Whether the caller may know the ids that platforms gave calls: who reads recordings, and who sent them. */
export function seesCallIds({ roles }: Caller): boolean {
  return roles.includes('privacy') || roles.includes('uploader') || roles.includes('lists');
}
