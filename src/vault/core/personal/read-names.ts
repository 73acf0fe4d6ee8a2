// The names of people and services, opened some at a time.
import { openColumn } from '../../../envelope/column.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { hasCode } from '../../../errors.ts';
import type { Principal } from '../../../model/principal.ts';
import type { Rows } from '../../../ports/database.ts';

/** A principal's name; null where what is kept of it is not authentic. */
export function tryOpenName(
  metadataKey: SecretKey,
  { tenant, id, name }: Pick<Principal, 'tenant' | 'id' | 'name'>,
): string | null {
  try {
    return openColumn(metadataKey, { tenant, row: id, column: 'name' }, name).toString('utf8');
  } catch (error) {
    if (!hasCode(error, 'integrity')) throw error;
    return null;
  }
}

/**
 * The names of those of these ids that are principals of the tenant. One that is not authentic is left out: it must keep
 * nobody from the rest. Throws the database's errors.
 */
export async function readNames(
  rows: Pick<Rows, 'principals'>,
  metadataKey: SecretKey,
  tenant: string,
  ids: Iterable<string>,
): Promise<ReadonlyMap<string, string>> {
  const found = await rows.principals.findMany(tenant, [...new Set(ids)]);
  return new Map(
    found.flatMap((principal) => {
      const name = tryOpenName(metadataKey, principal);
      return name === null ? [] : [[principal.id, name] as const];
    }),
  );
}
