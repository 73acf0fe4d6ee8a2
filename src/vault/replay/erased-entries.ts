// Entries that the store still has of an erased recording: the passes of its erasure run again over their hours.

import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { NamedStream } from '../core/amendments/stored-streams.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { namesOf } from './unknown-streams.ts';

/**
 * Joins the hours of these names to the erasure's. Nothing changes where a pass is still due that deletes them all.
 * Where the recording has no erasure any more, it deletes them at once.
 */
export async function deleteEntriesAgain(
  vault: Pick<Vault, 'db' | 'store'>,
  tenant: Tenant,
  stream: NamedStream,
  request: RequestContext,
): Promise<void> {
  const { subject, paths } = stream;
  for (;;) {
    const { erasure, now } = await vault.db.read(
      async (rows) => ({ erasure: await rows.erasures.find(tenant.tenant, subject), now: await rows.now() }),
      request,
    );
    if (erasure === null) {
      for (const path of paths) await vault.store.delete(locationOf(tenant), path, request);
      return;
    }
    const known = erasure.hours?.split(',') ?? [];
    const hours = [...new Set([...known, ...namesOf(stream).map(({ hour }) => hour)])].sort();
    if (hours.length === known.length && erasure.due !== null) return;
    if (await vault.db.note((notes) => notes.erasures.restart(erasure, hours.join(','), now), request)) return;
  }
}
