// The log's check: contiguity, leaf hashes, and meaning. Pure: it needs nothing but the events themselves.
import { equalBytes } from '../bytes/digest.ts';
import { leafHash, type StoredEvent } from './audit-event.ts';
import { type Leaf, readLeaf } from './leaf.ts';
import { credentialCheck } from './log-credentials.ts';

/** Something in the log that cannot be as it should. */
export type LogFinding = { readonly seq: number; readonly what: string };

/** A request as its approvals made it. */
type LoggedRequest = {
  readonly requester: string;
  readonly recording: string;
  readonly needed: number;
  readonly approvers: Set<string>;
};

/** What the events so far told: requests, live sessions, and recordings that nothing opens any more. */
type LogState = {
  readonly asked: Map<string, LoggedRequest>;
  readonly sessions: Set<string>;
  readonly erased: Set<string>;
};

/**
 * Checks a log from its first event on. `name` is the log's name. Findings are in order of index; none means that
 * indices are contiguous, every leaf has its hash, times never go back, and each listening session was opened by the
 * person of a grant that another person had approved, on a recording that was not erased, by credentials that were theirs.
 */
export function checkLog(name: string, events: readonly StoredEvent[]): LogFinding[] {
  const findings: LogFinding[] = [];
  const asked = new Map<string, LoggedRequest>();
  const sessions = new Set<string>();
  const erased = new Set<string>();
  const checkCredential = credentialCheck();
  let time = '';
  for (const [index, event] of events.entries()) {
    const find = (what: string): void => {
      findings.push({ seq: event.seq, what });
    };
    if (event.seq !== index) {
      find(`index ${event.seq} stands where ${index} should be`);
      return findings;
    }
    if (!equalBytes(leafHash(event.leaf), event.hash)) find('the leaf does not have its hash');
    const leaf = readLeaf(event.leaf);
    if (leaf === null) {
      find('the leaf is not leaf v1');
      continue;
    }
    if (leaf.log !== name || leaf.seq !== event.seq) find('the leaf belongs to another place');
    if (leaf.ts < time) find('time goes back');
    time = leaf.ts;
    if (leaf.outcome !== 'ok') continue;
    checkMeaning(leaf, { asked, sessions, erased }, find);
    checkCredential(leaf, find);
  }
  return findings;
}

function checkMeaning(leaf: Leaf, { asked, sessions, erased }: LogState, find: (what: string) => void): void {
  const { object, actor } = leaf;
  switch (leaf.action) {
    case 'access.requested':
      asked.set(object.id, {
        requester: actor.id,
        recording: String(object['recording']),
        needed: Number(object['approvals']),
        approvers: new Set(),
      });
      return;
    case 'access.approved': {
      const request = asked.get(object.id);
      if (request === undefined) find(`approval of ${object.id}, which nobody asked for`);
      else if (actor.id === request.requester) find(`${object.id} was approved by the person who asked`);
      else if (actor.type !== 'person') find(`${object.id} was not approved by a person`);
      else request.approvers.add(actor.id);
      return;
    }
    case 'session.opened': {
      const request = asked.get(String(object['request']));
      if (request === undefined) find(`${object.id} was opened on a request that nobody made`);
      else if (request.approvers.size < Math.max(1, request.needed)) find(`${object.id} was opened without approval`);
      else if (actor.id !== request.requester) find(`${object.id} was opened by somebody else than asked`);
      else if (object['recording'] !== request.recording)
        find(`${object.id} is on another recording than was approved`);
      if (erased.has(String(object['recording']))) find(`${object.id} is on a recording that was erased`);
      sessions.add(object.id);
      return;
    }
    case 'session.ended':
      if (!sessions.delete(object.id)) find(`${object.id} ended without having been opened`);
      return;
    case 'recording.erasing':
    case 'tombstone.replayed':
      if (erased.has(object.id)) find(`${object.id} was erased twice`);
      erased.add(object.id);
      return;
    case 'recording.erased':
      if (!erased.has(object.id)) find(`${object.id} was erased without an erasure having begun`);
      return;
    default:
      return;
  }
}
