// Entries that the store still has of erased recordings: their hours join the erasure's, and all its passes run again.
import { parseEntryPath } from '../../envelope/amendments/entry-name.ts';
import type { NamedStream } from '../core/amendments/stored-streams.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/**
 * Schedules the deletion of a stream's entries. False where the database has no erasure of the recording, since nothing
 * in the store has its call's natural key.
 */
export async function deleteEntriesOf(
  vault: Pick<Vault, 'db'>,
  { tenant, subject, paths }: NamedStream,
  request: RequestContext,
): Promise<boolean> {
  for (;;) {
    const { erasure, now } = await vault.db.read(
      async (rows) => ({ erasure: await rows.erasures.find(tenant, subject), now: await rows.now() }),
      request,
    );
    if (erasure === null) return false;
    const known = erasure.hours?.split(',') ?? [];
    const found = paths.map((path) => parseEntryPath(path)?.hour ?? '');
    const hours = [...new Set([...known, ...found])].sort();
    if (hours.length === known.length && erasure.due !== null) return true;
    if (await vault.db.note((notes) => notes.erasures.restart(erasure, hours.join(','), now), request)) return true;
  }
}
