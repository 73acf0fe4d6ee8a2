// Compares a log with what was published of it: a database that was rolled back or edited has fewer events, or others.
import { equalBytes } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import type { Checkpoint } from '../../model/log/checkpoint.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { treeAt } from './log-tree.ts';
import { newestOn } from './published.ts';
import { shelvesOf } from './shelves.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'signer'>;

/** How a database differs from what was published: it has fewer events, or others. */
export type Difference = 'behind' | 'fork';

/** What a comparison found. `published`: the newest checkpoint outside the database. `foreign`: names that are none. */
export type Compared = {
  readonly differs: Difference | null;
  readonly published: Checkpoint | null;
  readonly foreign: readonly string[];
};

const NOTHING: Compared = { differs: null, published: null, foreign: [] };

/**
 * Compares a log with the newest checkpoints in store and anchor. The database is read after them: events are committed
 * before they are published. Without a signer nothing is compared. Throws the store's errors.
 */
export async function compareLog(vault: Deps, log: string, request: RequestContext): Promise<Compared> {
  const { signer, settings } = vault;
  const shelves = await shelvesOf(vault, log, request);
  if (signer === null || shelves === null) return NOTHING;
  const trust = { origin: settings.origin, log, signer };
  const found = [await newestOn(shelves.segments, trust, request)];
  if (shelves.anchor !== null) found.push(await newestOn(shelves.anchor, trust, request));
  const checkpoints = found.flatMap(({ checkpoint }) => checkpoint ?? []).sort((a, b) => b.size - a.size);
  let differs: Difference | null = null;
  for (const checkpoint of checkpoints) differs ??= await differenceFrom(vault, log, checkpoint, request);
  return { differs, published: checkpoints[0] ?? null, foreign: found.flatMap(({ foreign }) => foreign) };
}

/** How the database's log differs from a checkpoint of it; null where it continues it. */
function differenceFrom(
  vault: Pick<Vault, 'db'>,
  log: string,
  { size, root }: Checkpoint,
  request: RequestContext,
): Promise<Difference | null> {
  return vault.db.read(async (rows) => {
    if ((await rows.log.size(log)) < size) return 'behind';
    const { edge } = await treeAt(rows, log, size);
    return equalBytes(edge.root(), root) ? null : 'fork';
  }, request);
}

/** The error about a log that differs from what was published of it. */
export function differenceError(log: string, differs: Difference): VaultError {
  const what = differs === 'behind' ? 'fewer events than were published' : 'other events than were published';
  return new VaultError('integrity', `the log of ${log} has ${what}: its database was rolled back or edited`);
}
