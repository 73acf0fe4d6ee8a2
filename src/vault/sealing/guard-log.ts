// Guards a log: compares it with what was published of it, and holds it where it differs.
import type { StoreLocation } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type Compared, compareLog } from './compare-log.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'signer'>;

/**
 * Sets the time in the log's head right, compares the log as `compareLog`, and holds it where it differs: from then on it takes no events, until it is restored. One
 * that is held already is not compared. Throws the errors of store and database: an unavailable store holds nothing.
 */
export async function guardLog(
  vault: Deps,
  log: string,
  request: RequestContext,
  otherwise?: StoreLocation,
): Promise<Compared> {
  await vault.db.settleMark(log, request);
  const state = await vault.db.read((rows) => rows.log.state(log), request);
  const held = state?.held ?? null;
  if (held !== null) return { differs: held, published: null, foreign: [], restored: state?.restored ?? -1 };
  const compared = await compareLog(vault, log, request, otherwise);
  const { differs, restored } = compared;
  if (differs === null) return compared;
  if (await vault.db.note((notes) => notes.holds.hold(log, differs, restored), request)) return compared;
  // Held, or held and restored, since it was compared.
  const after = await vault.db.read((rows) => rows.log.state(log), request);
  return { ...compared, differs: after?.held ?? null };
}
