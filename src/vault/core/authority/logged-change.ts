// Changes of the deployment, which has no key for a MAC: each counts only as its log says it.
import { canonicalBytes } from '../../../bytes/canonical-json.ts';
import { equalBytes, sha256 } from '../../../bytes/digest.ts';
import type { SecretKey } from '../../../envelope/secret-key.ts';
import { ACT_MS, type Change } from '../../../model/change/change.ts';
import type { AuditAction } from '../../../model/log/event-catalogue.ts';
import type { Leaf } from '../../../model/log/leaf.ts';
import { addMilliseconds } from '../../../model/sign-in.ts';
import type { Rows } from '../../../ports/database.ts';
import { DEPLOYMENT } from '../events/events.ts';
import { forgedRow, givesAccess, requireAuthentic } from './authority-rows.ts';
import { eventsFrom } from './logged-events.ts';

/** The note of a change of the deployment: what people write needs a key that seals it. */
export const NO_NOTE: Uint8Array = canonicalBytes({ text: '' });

const ENDS: ReadonlySet<string> = new Set<AuditAction>([
  ...(['change.refused', 'change.withdrawn', 'change.expired', 'change.applied'] as const),
]);

/**
 * Throws `integrity`, naming the row, where a change can still lead to something and is not authentic: a tenant's by its
 * MAC, the deployment's by its log. `key` is the metadata key of its tenant; null for the deployment, which has none.
 */
export async function requireAuthenticChange(
  rows: Pick<Rows, 'log'>,
  key: SecretKey | null,
  change: Change,
): Promise<void> {
  if (key !== null) requireAuthentic(key, 'change', change);
  else if (!(await isLoggedChange(rows, change))) throw forgedRow('change', change);
}

/**
 * Whether a change of the deployment says what its log says. One that ended says what was proposed; one that can still lead
 * to something is also signed and approved as the events say.
 */
export async function isLoggedChange(rows: Pick<Rows, 'log'>, change: Change): Promise<boolean> {
  const events = await eventsOn(rows, change);
  if (events === null) return false;
  return !givesAccess('change', change) || isAsDecided(events, change);
}

/** Whether a change of the deployment took effect by its log, and its approval still lasts. */
export async function isAppliedByLog(rows: Pick<Rows, 'log'>, change: Change, now: string): Promise<boolean> {
  const events = await eventsOn(rows, change);
  const approved = events === null ? undefined : last(events, 'change.approved');
  if (events === null || approved === undefined || last(events, 'change.applied') === undefined) return false;
  return now < addMilliseconds(approved.ts, ACT_MS);
}

type ChangeEvents = { readonly proposed: Leaf; readonly later: readonly Leaf[] };

/** The events about a change; null where the row says otherwise than its proposal, or an event is not its own. */
async function eventsOn(rows: Pick<Rows, 'log'>, change: Change): Promise<ChangeEvents | null> {
  const { tenant, id, leafIndex, leafHash } = change;
  const [first, ...rest] = await eventsFrom(rows, leafIndex, id);
  if (tenant !== DEPLOYMENT || first?.leaf == null || !isBytes(leafHash) || !equalBytes(first.hash, leafHash))
    return null;
  const later = rest.map(({ leaf }) => leaf);
  // What finds an event is not hashed: the event itself says whose it is.
  const isOwn = (leaf: Leaf | null): leaf is Leaf => leaf?.object.id === id && leaf.outcome === 'ok';
  return later.every(isOwn) && isAsProposed(first.leaf, change) ? { proposed: first.leaf, later } : null;
}

/** Whether the row says what was proposed, and no more. */
function isAsProposed({ action, seq, object, actor, outcome }: Leaf, change: Change): boolean {
  const { id, kind, base, effects, proposer, body, note, preview, reason, byCommand, leafIndex } = change;
  if (!isBytes(body) || !isBytes(note)) return false;
  const facts = { kind, base, effects, sha256: sha256(body).toString('hex') };
  return (
    action === 'change.proposed' &&
    outcome === 'ok' &&
    seq === leafIndex &&
    object.id === id &&
    actor.id === proposer &&
    actor.auth === 'cli' &&
    Boolean(byCommand) &&
    preview === null &&
    reason === null &&
    equalBytes(note, NO_NOTE) &&
    Object.entries(facts).every(([name, value]) => object[name] === value)
  );
}

/** Whether the row is approved as the events say, and none of them ended it. It may lack a signature, and needs it again. */
function isAsDecided(events: ChangeEvents, { state, signed, decider, expires }: Change): boolean {
  const { proposed, later } = events;
  if (later.some(({ action }) => ENDS.has(action))) return false;
  if (signed !== null && last(events, 'change.signed') === undefined) return false;
  const approved = last(events, 'change.approved');
  if (approved === undefined) return state === 'OPEN' && decider === null && expires === proposed.object['expires'];
  const isInTime = expires <= addMilliseconds(approved.ts, ACT_MS);
  return state === 'APPROVED' && decider === approved.actor.id && isInTime;
}

function last({ later }: ChangeEvents, wanted: AuditAction): Leaf | undefined {
  return later.findLast(({ action }) => action === wanted);
}

/** SQLite stores what it is given. */
function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
