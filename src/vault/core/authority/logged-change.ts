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

/** Whether a change of the deployment is as its log says, or can lead to nothing any more. */
export async function isLoggedChange(rows: Pick<Rows, 'log'>, change: Change): Promise<boolean> {
  if (change.tenant !== DEPLOYMENT) return false;
  if (!givesAccess('change', change)) return true;
  const [first, ...rest] = await eventsFrom(rows, change.leafIndex, change.id);
  if (first?.leaf == null || change.leafHash === null || !equalBytes(first.hash, change.leafHash)) return false;
  const later = rest.map(({ leaf }) => leaf);
  return isAsProposed(first.leaf, change) && isAsDecided(later, first.leaf, change);
}

/** Whether a change of the deployment took effect by its log, and its approval still lasts. */
export async function isAppliedByLog(rows: Pick<Rows, 'log'>, change: Change, now: string): Promise<boolean> {
  const [first, ...rest] = await eventsFrom(rows, change.leafIndex, change.id);
  if (first?.leaf == null || !isAsProposed(first.leaf, change)) return false;
  const approved = rest.find(({ leaf }) => leaf?.action === 'change.approved')?.leaf ?? null;
  const isApplied = rest.some(({ leaf }) => leaf?.action === 'change.applied');
  return isApplied && approved !== null && now < addMilliseconds(approved.ts, ACT_MS);
}

/** Whether the row says what was proposed, and no more. */
function isAsProposed({ action, seq, object, actor }: Leaf, change: Change): boolean {
  const { id, kind, base, effects, proposer, body, note } = change;
  const said = [object.id, object['kind'], object['base'], object['effects'], actor.id, object['sha256']];
  const row = [id, kind, base, effects, proposer, isBytes(body) ? sha256(body).toString('hex') : null];
  return (
    [action === 'change.proposed', seq === change.leafIndex, actor.auth === 'cli', change.byCommand].every(Boolean) &&
    [change.preview === null, change.reason === null, isBytes(note) && equalBytes(note, NO_NOTE)].every(Boolean) &&
    said.every((one, index) => one === row[index])
  );
}

/** Whether the row is signed and approved as the events say, and none of them ended it. */
function isAsDecided(later: readonly (Leaf | null)[], { object }: Leaf, change: Change): boolean {
  if (later.some((leaf) => leaf === null || ENDS.has(leaf.action))) return false;
  const last = (action: AuditAction): Leaf | null => later.findLast((leaf) => leaf?.action === action) ?? null;
  const [signed, approved] = [last('change.signed'), last('change.approved')];
  if ((signed === null) !== (change.signed === null)) return false;
  if (approved === null)
    return change.state === 'OPEN' && change.decider === null && change.expires === object['expires'];
  const isInTime = change.expires <= addMilliseconds(approved.ts, ACT_MS);
  return change.state === 'APPROVED' && change.decider === approved.actor.id && isInTime;
}

/** SQLite stores what it is given. */
function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
