// What a restore starts from: what was published of the log, and how the database differs.
import { VaultError } from '../../errors.ts';
import type { Difference } from '../../model/held-log.ts';
import type { Signer } from '../../ports/signer.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { guardLog } from '../sealing/guard-log.ts';
import { shelvesAt } from '../sealing/shelves.ts';
import { type PublishedLog, planRestore, type RestorePlan } from './plan.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'signer'>;

/** Whose segments count, and which loss is accepted (`RestoreOptions`). */
type Trusted = { readonly keys: readonly Uint8Array[]; readonly lost: number | null };

/**
 * Whether a restore has anything to do; `lost`: the size of a checkpoint that is lost, and accepted as such, null where none is.
 * `size`: the log's events now; `foreign`: names among its segments that are none.
 */
export type NeededRestore = {
  readonly needed: boolean;
  readonly lost: number | null;
  readonly size: number;
  readonly foreign: readonly string[];
};

/** What a restore of this log would do. Changes nothing but that it may hold the deployment's log. Throws as `restoreLog`. */
export async function neededRestore(
  vault: Deps,
  log: string,
  options: Trusted,
  request: RequestContext,
): Promise<NeededRestore> {
  const plan = await planOf(vault, await publishedOf(vault, log, options, request), options, request);
  const { state, foreign } = plan;
  const needed = differenceOf(plan) !== null || (state?.held ?? null) !== null;
  if (needed) await requireDeploymentLog(vault, log, request);
  return { needed, lost: lostBy(plan), size: state?.size ?? 0, foreign };
}

/**
 * The plan of a restore. Throws `not_found` where nothing was published, and `integrity` where the anchor has events that the
 * store lacks, unless the caller accepts exactly this loss.
 */
export async function planOf(
  vault: Deps,
  published: PublishedLog,
  { lost }: Pick<Trusted, 'lost'>,
  request: RequestContext,
): Promise<RestorePlan> {
  const plan = await planRestore(vault, published, request);
  const { log } = published;
  if (!plan.isPublished)
    throw new VaultError(
      'not_found',
      `nothing was published of the log of ${log}: there is nothing to restore it from`,
    );
  requireKnownLoss(log, plan, lost);
  return plan;
}

/**
 * The size of the checkpoint that is lost; null without one. A loss that was accepted before holds for as long as the log has
 * not outgrown it.
 */
export function lostBy({ lost, accepted }: RestorePlan): number | null {
  return lost?.size ?? accepted;
}

/** Where the segments of a log are, and whose signatures count. Throws `config_invalid` without a signer. */
export async function publishedOf(
  vault: Deps,
  log: string,
  { keys }: Pick<Trusted, 'keys'>,
  request: RequestContext,
): Promise<PublishedLog> {
  const { signer, settings } = vault;
  if (signer === null) {
    throw new VaultError('config_invalid', 'CALLVAULT_SIGNER is not set: its key decides which segments are the log’s');
  }
  const trusted: Pick<Signer, 'keys'> = { keys: [...signer.keys, ...keys] };
  // A tenant without a row has its blobs where new tenants have theirs.
  const shelves = await shelvesAt(vault, log, settings.location, request);
  const of = { origin: settings.origin, log };
  return { log, shelves, trust: { ...of, signer: trusted }, newest: { ...of, signer } };
}

/** Throws `integrity` where the anchor has events that the store lacks, unless the caller accepts exactly this loss. */
function requireKnownLoss(log: string, { state, newest, first, lost }: RestorePlan, given: number | null): void {
  if (lost === null || lost.size === given) return;
  const has = newest?.size ?? 0;
  // What the database has above the segments stays, where it continues them.
  const stays = Math.max(has, first === null ? (state?.size ?? 0) : 0);
  throw new VaultError(
    'integrity',
    `the anchor has a checkpoint of ${lost.size} events of the log of ${log}, and the segments in the store only ${has}: events ${stays} to ${lost.size - 1} are lost unless you put their segments back, from a version or a copy of the store. To give them up, run the command with --lost ${lost.size}`,
  );
}

/** How the database's log differs from what was published; null where it does not. */
export function differenceOf(plan: RestorePlan): Difference | null {
  const { state, newest, differing, first } = plan;
  const size = state?.size ?? 0;
  if (differing.length > 0 || (first !== null && first < size)) return 'fork';
  return size < (newest?.size ?? 0) ? 'behind' : null;
}

/**
 * A restore of a tenant's log writes to the deployment's log too. Throws `audit_unavailable` where that differs from what was
 * published.
 */
export async function requireDeploymentLog(vault: Deps, log: string, request: RequestContext): Promise<void> {
  if (log === DEPLOYMENT || (await guardLog(vault, DEPLOYMENT, request)).differs === null) return;
  throw new VaultError(
    'audit_unavailable',
    'the log of the deployment is held: run callvault log restore deployment first',
  );
}
