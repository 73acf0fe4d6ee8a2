// What is kept of a log outside the store, for auditors: whether the anchor has the newest checkpoint, and how far it reaches.
import { equalBytes } from '../../bytes/digest.ts';
import { VaultError } from '../../errors.ts';
import { readLeaf } from '../../model/log/leaf.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import type { Seal } from '../../ports/rows/seal-rows.ts';
import { countLogRead } from '../core/log-reading/count-log-read.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { acceptedLoss } from './accepted-loss.ts';
import { checkpointAt, newestOn, type Shelf, shelfPath, type Trust, trustedCheckpoint } from './published.ts';
import { shelvesOf } from './shelves.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'anchor' | 'settings' | 'signer' | 'clock'>;

/**
 * What the anchor has. `none`: this process knows no anchor. `current`: the newest checkpoint, and no event has waited long for
 * the next. `behind`: an older one, or none. `differs`: one of other events at this size. `unavailable`: it could not be read.
 * `size`: the events that its newest known checkpoint covers; `until`: the time of the last of them, UTC.
 */
export type Anchored = {
  readonly state: 'none' | 'current' | 'behind' | 'differs' | 'unavailable';
  readonly size: number | null;
  readonly until: string | null;
};

/** A person waits for the reply. */
const ANSWER_MS = 5_000;
/** An event waits for a seal at most as long as between two, and for the seal itself. */
const SEALING_MS = 60_000;

const nothing = (state: Anchored['state']): Anchored => ({ state, size: null, until: null });

/** Compares the anchor with the newest checkpoint of the caller's own log. Throws the database's errors. */
export async function readAnchor(vault: Deps, by: Caller, request: RequestContext): Promise<Anchored> {
  await countLogRead(vault, by, request);
  const { signer, settings, clock, db } = vault;
  const log = by.tenant;
  const shelf = (await shelvesOf(vault, log, request))?.anchor ?? null;
  if (shelf === null) return nothing('none');
  if (signer === null) return nothing('unavailable');
  const { seal, isAccepted } = await db.read(
    async (rows) => ({ seal: await rows.seals.newest(log), isAccepted: await acceptedLoss(rows, log) }),
    request,
  );
  if (seal === null) return nothing('behind');
  const wait = { signal: AbortSignal.any([request.signal, clock.deadline(ANSWER_MS)]) };
  const kept = await keptOf(shelf, seal, { origin: settings.origin, log, signer }, wait);
  if (kept === 'unavailable' || (kept === 'differs' && !isAccepted(seal.size))) return nothing(kept);
  const size = typeof kept === 'object' ? kept.size : seal.size;
  return db.read(async (rows) => {
    const until = size === null ? null : await timeOf(rows, log, size - 1);
    const waiting = await timeOf(rows, log, seal.size);
    const longest = settings.sealSeconds * 1000 + SEALING_MS;
    const isLate = typeof kept === 'object' || (waiting !== null && clock.now() - Date.parse(waiting) > longest);
    return { state: isLate ? 'behind' : 'current', size, until };
  }, request);
}

/** Whether the anchor has this seal; the size of the newest older one where it does not. */
async function keptOf(
  shelf: Shelf,
  { size, note }: Seal,
  trust: Trust,
  wait: Pick<RequestContext, 'signal'>,
): Promise<'same' | 'differs' | 'unavailable' | { readonly size: number | null }> {
  const own = trustedCheckpoint(note, trust);
  try {
    const found = await checkpointAt(shelf, shelfPath(shelf, size), trust, wait);
    if (found !== null) return own !== null && equalBytes(own.root, found.root) ? 'same' : 'differs';
    const { checkpoint } = await newestOn(shelf, trust, wait);
    return { size: checkpoint === null || checkpoint.size > size ? null : checkpoint.size };
  } catch (error) {
    if (error instanceof VaultError) return 'unavailable';
    throw error;
  }
}

/** The time of an event; null where the log has none at this index. */
async function timeOf({ log: rows }: Pick<Rows, 'log'>, log: string, index: number): Promise<string | null> {
  const [event] = await rows.events(log, index, 1);
  return event?.seq === index ? (readLeaf(event.leaf)?.ts ?? null) : null;
}
