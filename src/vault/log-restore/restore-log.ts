// Restores a log from what was published of it: brings back the events that the database lacks, ends the hold, and revokes again what those events revoked.
import { equalBytes } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import type { Actor, StoredEvent } from '../../model/audit-event.ts';
import type { Difference } from '../../model/held-log.ts';
import type { Permit } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { treeAt } from '../sealing/log-tree.ts';
import { type AlsoAtEnd, endRestore } from './end-restore.ts';
import { differenceOf, lostBy, planOf, publishedOf, requireDeploymentLog } from './needed.ts';
import { type PublishedLog, type RestorePlan, sameSegment } from './plan.ts';
import { pageOf } from './published-page.ts';
import type { SegmentRef } from './read-segments.ts';
import type { RevokedAgain } from './revoked-again.ts';
import { storedFrom } from './stored-log.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'signer' | 'keys' | 'sessionKeys'>;

/**
 * How to restore. `keys`: public keys that signed older segments, besides those of the signer. `lost`: the size of the
 * anchor's newest checkpoint, where its events are in no segment and the caller accepts that. `save`: stores the events that are
 * removed, durably, before they are. `also`: what else the last transaction does.
 */
export type RestoreOptions = {
  readonly keys: readonly Uint8Array[];
  readonly lost: number | null;
  readonly save: (events: AsyncIterable<StoredEvent>) => Promise<void>;
  readonly also?: AlsoAtEnd;
};

/**
 * What a restore did. `was`: how the log differed; null where nothing was to be done. `from` and `to`: the first and last
 * event that came back. `removed`: events that were saved and removed. `foreign`: names among the segments that are none.
 */
export type RestoredLog = {
  readonly was: Difference | null;
  readonly size: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly removed: number;
  readonly foreign: readonly string[];
  readonly revoked: RevokedAgain | null;
};

/** Rounds until the plan still holds: another restore may run at the same time. */
const ROUNDS = 5;

/**
 * Restores a log. `permit` is checked and used by the last transaction. It may end between any two steps: the log stays
 * held, and the next run continues. Throws `conflict` where the permit no longer holds, `config_invalid` without a signer, and on PostgreSQL where other events must be removed by a user who does not own the
 * tables; `not_found` where nothing was published; `integrity` for segments that are missing or damaged, and where the
 * anchor has more events than the store; `audit_unavailable` where the deployment's log is held.
 */
export async function restoreLog(
  vault: Deps,
  by: Actor,
  log: string,
  options: RestoreOptions,
  permit: Permit,
  request: RequestContext,
): Promise<RestoredLog> {
  const published = await publishedOf(vault, log, options, request);
  let removed = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const plan = await planOf(vault, published, options, request);
    const was = differenceOf(plan);
    const held = plan.state?.held ?? null;
    const nothing = { from: null, to: null, removed, foreign: plan.foreign, revoked: null };
    if (was === null && held === null) return { was: null, size: plan.state?.size ?? 0, ...nothing };
    await requireDeploymentLog(vault, log, request);
    await hold(vault, log, plan, was, request);
    const first = firstOf(plan);
    if (!(await vault.db.repair((repairs) => repairs.begin(log, first), request))) continue;
    const gone = await removeDiffering(vault, log, plan, first, options, request);
    if (gone === null) continue;
    removed += gone;
    if (!(await bringBack(vault, published, plan.segments, request))) continue;
    if (!(await hasPublishedRoot(vault, log, plan, request))) {
      // Another restore may have begun meanwhile.
      if (round + 1 < ROUNDS) continue;
      throw new VaultError('integrity', `the log of ${log} still differs from what was published: it stays held`);
    }
    const done = await endRestore(
      vault,
      by,
      { log, newest: plan.newest?.size ?? 0, lost: lostBy(plan), also: options.also },
      permit,
      request,
    );
    if (done === null) continue;
    return { was: held ?? was, ...done, removed, foreign: plan.foreign };
  }
  throw new VaultError('conflict', `the log of ${log} changed while it was restored: run the command again`);
}

/** The first event that comes back; the size of a log that lacks none. */
function firstOf({ state, first }: RestorePlan): number {
  const size = state?.size ?? 0;
  return Math.min(first ?? size, size);
}

async function hold(
  { db }: Deps,
  log: string,
  { state }: RestorePlan,
  was: Difference | null,
  request: RequestContext,
): Promise<void> {
  if (was === null || (state !== null && state.held !== null)) return;
  await db.note((notes) => notes.holds.hold(log, was, state?.restored ?? -1), request);
}

/** Saves and removes the events that differ. Returns how many; null where the log changed meanwhile. */
async function removeDiffering(
  vault: Deps,
  log: string,
  { state, differing }: RestorePlan,
  first: number,
  { save }: RestoreOptions,
  request: RequestContext,
): Promise<number | null> {
  const was = state?.size ?? 0;
  if (differing.length === 0 && first >= was) return 0;
  let count = 0;
  const events = async function* (): AsyncGenerator<StoredEvent> {
    for (const { from, to } of differing) {
      for await (const stored of storedFrom(vault, log, from, request)) {
        if (stored.seq >= to) break;
        count++;
        yield stored;
      }
    }
  };
  if (differing.length > 0) await save(events());
  const done = await vault.db.repair((repairs) => repairs.remove(log, was, first, differing), request);
  return done ? count : null;
}

/** Inserts the events of these segments that the log does not have. False where it is no longer held. */
async function bringBack(
  vault: Deps,
  { log, shelves, trust }: PublishedLog,
  segments: readonly SegmentRef[],
  request: RequestContext,
): Promise<boolean> {
  for (const ref of segments) {
    const { size: end } = ref.checkpoint;
    for (;;) {
      request.signal.throwIfAborted();
      const state = await vault.db.read((rows) => rows.log.state(log), request);
      if (state === null || state.held === null || state.size < ref.first) return false;
      if (state.size >= end) break;
      const { leaves, first, note } = await sameSegment(shelves.segments, ref, trust, request);
      const page = pageOf(log, leaves.slice(state.size - first), state.size);
      await vault.db.repair((repairs) => repairs.reinsert(log, state.size, page, { size: end, note }), request);
    }
  }
  return true;
}

/** Whether tiles and events have the published root now; tiles that do not are deleted, and made again by the next seal. */
async function hasPublishedRoot(
  vault: Deps,
  log: string,
  { newest }: RestorePlan,
  request: RequestContext,
): Promise<boolean> {
  if (newest === null || (await hasRoot(vault, log, newest, request))) return true;
  const { size } = (await vault.db.read((rows) => rows.log.state(log), request)) ?? { size: 0 };
  await vault.db.repair((repairs) => repairs.remove(log, size, size, []), request);
  return hasRoot(vault, log, newest, request);
}

async function hasRoot(
  { db }: Deps,
  log: string,
  { size, root }: NonNullable<RestorePlan['newest']>,
  request: RequestContext,
): Promise<boolean> {
  try {
    return await db.read(async (rows) => equalBytes((await treeAt(rows, log, size)).edge.root(), root), request);
  } catch (error) {
    if (error instanceof VaultError && error.code === 'integrity') return false;
    throw error;
  }
}
