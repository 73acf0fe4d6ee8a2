// Compares a log with what was published of it: a database that was rolled back or edited has fewer events, or others.
import { equalBytes } from '../../bytes/digest.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { type Difference, heldMessage } from '../../model/held-log.ts';
import type { Checkpoint } from '../../model/log/checkpoint.ts';
import type { StoreLocation } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import { usesStore } from '../core/process-role.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { acceptedLoss } from './accepted-loss.ts';
import { treeAt } from './log-tree.ts';
import { inNewKey, type Newest, newestOn, type Trust, trustedCheckpoint } from './published.ts';
import { shelvesAt, shelvesOf } from './shelves.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'signer'>;

/**
 * What a comparison found. `published`: the newest checkpoint outside the database. `foreign`: names that are none.
 * `restored`: of the log's state, as the comparison saw it.
 */
export type Compared = {
  readonly differs: Difference | null;
  readonly published: Checkpoint | null;
  readonly foreign: readonly string[];
  readonly restored: number;
};

/** What was found in one place; `failed`: why nothing could be. */
type Looked = Newest & { readonly failed: VaultError | null };

const NO_CHECKPOINT: Looked = { checkpoint: null, foreign: [], byNewKey: false, failed: null };
const NOTHING: Compared = { differs: null, published: null, foreign: [], restored: -1 };

/**
 * Compares a log with the newest checkpoints in store and anchor. The database is read after them: events are committed
 * before they are published. Without a signer nothing is compared, nor for a tenant without a row, unless `otherwise` says
 * where its blobs are. Throws the store's errors.
 */
export async function compareLog(
  vault: Deps,
  log: string,
  request: RequestContext,
  otherwise?: StoreLocation,
): Promise<Compared> {
  const { signer, settings } = vault;
  if (signer === null) return NOTHING;
  const shelves =
    otherwise === undefined ? await shelvesOf(vault, log, request) : await shelvesAt(vault, log, otherwise, request);
  if (shelves === null) return NOTHING;
  const trust = { origin: settings.origin, log, signer };
  const since = await sealedByNewKey(vault, trust, request);
  // A process that may not use the store has the anchor, and the holds that the others set.
  const segments = usesStore(settings.role) ? await lookOn(shelves.segments, trust, request, since) : NO_CHECKPOINT;
  const anchored = shelves.anchor === null ? NO_CHECKPOINT : await lookOn(shelves.anchor, trust, request, since);
  const foreign = [...segments.foreign, ...anchored.foreign];
  const compared = await vault.db.read(async (rows) => {
    const isAccepted = await acceptedLoss(rows, log);
    const kept = anchored.checkpoint;
    const inAnchor = kept === null || isAccepted(kept.size) ? [] : [kept];
    const checkpoints = [...(segments.checkpoint === null ? [] : [segments.checkpoint]), ...inAnchor];
    checkpoints.sort((a, b) => b.size - a.size);
    let differs: Difference | null = null;
    for (const checkpoint of checkpoints) differs ??= await differenceFrom(rows, log, checkpoint);
    const restored = (await rows.log.state(log))?.restored ?? -1;
    return { differs, published: checkpoints[0] ?? null, foreign, restored };
  }, request);
  // What one place says counts, whatever was done to the other.
  const failed = segments.failed ?? anchored.failed;
  if (compared.differs === null && failed !== null) throw failed;
  return compared;
}

/** The size of the newest seal in the database if the new key signed it; null while the key is not being replaced. */
async function sealedByNewKey({ db }: Pick<Deps, 'db'>, trust: Trust, request: RequestContext): Promise<number | null> {
  if (trust.signer.keys.length < 2) return null;
  const seal = await db.read((rows) => rows.seals.newest(trust.log), request);
  return seal !== null && trustedCheckpoint(seal.note, inNewKey(trust))?.size === seal.size ? seal.size : null;
}

async function lookOn(...where: Parameters<typeof newestOn>): Promise<Looked> {
  try {
    return { ...(await newestOn(...where)), failed: null };
  } catch (error) {
    if (error instanceof VaultError) return { ...NO_CHECKPOINT, failed: error };
    throw error;
  }
}

/** How the database's log differs from a checkpoint of it; null where it continues it. */
async function differenceFrom(rows: Rows, log: string, { size, root }: Checkpoint): Promise<Difference | null> {
  if ((await rows.log.size(log)) < size) return 'behind';
  try {
    const { edge } = await treeAt(rows, log, size);
    return equalBytes(edge.root(), root) ? null : 'fork';
  } catch (error) {
    // Events below the size are missing.
    if (hasCode(error, 'integrity')) return 'fork';
    throw error;
  }
}

/** The error about a log that differs from what was published of it. */
export function differenceError(log: string, differs: Difference): VaultError {
  return new VaultError('integrity', heldMessage(log, differs));
}
