// Leaf v1: the exact stored and hashed bytes of one log event.
import { canonicalBytes } from '../bytes/canonical-json.ts';
import { sha256 } from '../bytes/digest.ts';
import { VaultError } from '../errors.ts';
import type { AuditAction, DetailedAction } from './log/event-catalogue.ts';
import { type LeafValue, leafInput } from './log/leaf.ts';

/** The actor of an event. Ids are opaque: a principal's, an operator's staff code, or the node's name for the system. */
export type Actor = {
  readonly type: 'person' | 'service' | 'operator' | 'system';
  readonly id: string;
  readonly auth: 'api-key' | 'sign-in' | 'cli' | 'none';
};

/** The object of an event: type and id, and further opaque ids, enums, integers and UTC times. */
export type Subject = { readonly type: string; readonly id: string } & { readonly [name: string]: string | number };

/** Encodes a list for an event's object: a leaf has texts and integers, and no lists. */
export function eventList(members: readonly string[]): string {
  return members.join(',');
}

/** Personal detail, sealed beside the leaf; the leaf carries only SHA-256(salt ‖ canonical detail). */
export type SealedDetail = { readonly salt: Uint8Array; readonly commitment: string; readonly sealed: Uint8Array };

/** An event of an action as its author writes it; the log adds position and time. `event` of core/events/events.ts makes it. */
export type EventOf<A extends AuditAction> = {
  /** The tenant whose log it goes to, or `deployment`. */
  readonly log: string;
  readonly id: string;
  readonly actor: Actor;
  readonly action: A;
  readonly outcome?: 'ok' | 'refused' | 'failed';
  readonly object: Subject;
  readonly req?: string;
  readonly detail?: SealedDetail;
};

/** An event that the log takes: one whose action needs a detail has it. */
export type NewEvent =
  | EventOf<Exclude<AuditAction, DetailedAction>>
  | (EventOf<DetailedAction> & { readonly detail: SealedDetail });

/** Position and time of an event in its log. */
export type EventPosition = {
  readonly origin: string;
  readonly seq: number;
  readonly ts: string;
  readonly node: string;
};

const MAX_LEAF = 16_384;

/** The log's name: `<origin>/<ten_…>` or `<origin>/deployment`. */
export function logName(origin: string, log: string): string {
  return `${origin}/${log}`;
}

/** The exact bytes of leaf v1: canonical JSON, at most 16 KiB. Throws `audit_unavailable` for a longer one. */
export function leafBytes(event: EventOf<AuditAction>, at: EventPosition): Buffer {
  const bytes = canonicalBytes({
    v: 1,
    log: logName(at.origin, event.log),
    seq: at.seq,
    id: event.id,
    ts: at.ts,
    actor: event.actor,
    action: event.action,
    outcome: event.outcome ?? 'ok',
    object: event.object,
    ...(event.req === undefined ? {} : { req: event.req }),
    node: at.node,
    ...(event.detail === undefined ? {} : { detail: `sha256:${event.detail.commitment}` }),
  });
  if (bytes.length > MAX_LEAF) throw new VaultError('audit_unavailable', 'an event is longer than 16 KiB');
  return bytes;
}

type EventObject = { readonly type: string; readonly id: string; readonly [member: string]: LeafValue };

/** The recording that an event names: finds the event by it, and an erasure deletes the event's detail. */
export function recordingOf({ type, id, recording }: EventObject): string | null {
  if (type === 'recording') return id;
  return typeof recording === 'string' ? recording : null;
}

/**
 * The ids by which an event of this log is found again: the recording that it names, and the log whose clock it puts right.
 * In the deployment's log, what gives its own people access: the person, passkey, link or sign-in that the event creates,
 * uses or ends.
 */
export function subjectsOf(log: string, action: string, object: EventObject): readonly string[] {
  // What two people decided about the clock of a log is done in it afterwards; certificates name it.
  if (action === 'clock.corrected') return [object.id];
  if (log !== 'deployment') {
    const recording = recordingOf(object);
    if (recording !== null) return [recording];
    // One event for a batch: each of its recordings finds it.
    return LISTING.has(action) && typeof object['recordings'] === 'string' ? object['recordings'].split(',') : [];
  }
  // Changes of the deployment, and its people. Events about a tenant's people name the tenant.
  if (action.startsWith('change.') && object.type === 'change') return [object.id];
  if (object['tenant'] !== undefined || !OF_PEOPLE.has(action)) return [];
  // A sign-in uses its link. A new link withdraws the person's others, and their first passkey shows that they could sign.
  const other = OF_PRINCIPAL.has(action) ? object['principal'] : object['link'];
  return typeof other === 'string' ? [object.id, other] : [object.id];
}

const LISTING: ReadonlySet<string> = new Set<AuditAction>([
  ...(['recording.erasing', 'recording.erased', 'recording.listed', 'recording.missing'] as const),
]);

const OF_PRINCIPAL: ReadonlySet<string> = new Set<AuditAction>(['passkey.added', 'sign_in.link_made']);

const OF_PEOPLE: ReadonlySet<string> = new Set<AuditAction>([
  ...(['operator.added', 'person.off', 'passkey.added', 'passkey.removed', 'sign_in.link_made'] as const),
  ...(['sign_in.opened', 'sign_in.stepped_up', 'sign_in.ended'] as const),
]);

/** The RFC 6962 leaf hash. */
export function leafHash(leaf: Uint8Array): Buffer {
  return sha256(leafInput(leaf));
}

/** What a change returns about each event: `<log> <index> <leaf hash, base64>` in a header. */
export type Receipt = { readonly log: string; readonly seq: number; readonly hash: Uint8Array };

/** A stored event, as auditors read it. */
export type StoredEvent = {
  readonly log: string;
  readonly seq: number;
  readonly leaf: Uint8Array;
  readonly hash: Uint8Array;
};
