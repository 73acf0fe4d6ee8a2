// The part of the log's check that follows requests, approvals, listening sessions and erasures.
import { clockCheck } from './clock.ts';
import type { AuditAction } from './event-catalogue.ts';
import type { Find, FindingCode } from './finding.ts';
import type { Leaf } from './leaf.ts';

const ERASE_REASONS: ReadonlySet<string> = new Set(['request', 'retention', 'court-order', 'error']);

/** A request as its approvals made it. */
type Asked = {
  readonly requester: string;
  readonly recording: string;
  readonly minutes: number;
  readonly needed: number;
  readonly objects: readonly string[];
  readonly approvers: Set<string>;
  /** No decision follows: it was approved, denied, cancelled or expired. */
  closed: boolean;
};

/**
 * A check that each listening session was opened by the person of a request that enough other people had approved, on
 * its recording, which was not erased, while the clock of its grant ran; that ends follow openings; and that an erasure
 * begins once. Takes every event of a log in order.
 */
export function meaningCheck(): (leaf: Leaf, find: Find) => void {
  const requests = new Map<string, Asked>();
  const sessions = new Set<string>();
  const erased = new Set<string>();
  const clock = clockCheck();

  const approve = (leaf: Leaf, find: Find): void => {
    const { object, actor } = leaf;
    const request = requests.get(object.id);
    if (request === undefined) find('request_unknown');
    else if (actor.id === request.requester) find('approval_own');
    else if (actor.type !== 'person') find('approval_role');
    else {
      if (request.closed || request.approvers.has(actor.id)) find('approval_closed');
      if (isWider(object, request)) find('approval_wider');
      request.approvers.add(actor.id);
      request.closed ||= object['grant'] !== undefined;
      clock.approve(leaf, request);
    }
  };

  const close = ({ object }: Leaf): void => {
    const request = requests.get(object.id);
    if (request !== undefined) request.closed = true;
  };

  const assign = (leaf: Leaf, find: Find): void => {
    const { object, actor } = leaf;
    if (actor.id === object['person']) find('approval_own');
    else if (actor.type !== 'person') find('approval_role');
    else clock.assign(leaf);
  };

  const open = (leaf: Leaf, find: Find): void => {
    const { object, actor } = leaf;
    const recording = String(object['recording']);
    if (object['batch'] !== undefined && object['request'] === undefined) {
      if (!erased.has(recording)) report(clock.open(leaf), find);
      else find('after_erase');
      sessions.add(object.id);
      return;
    }
    const request = requests.get(String(object['request']));
    if (request === undefined) find('request_unknown');
    // Written so that a number that is none is a finding.
    else if (!(request.approvers.size >= Math.max(1, request.needed))) find('approvals_missing');
    else if (actor.id !== request.requester) find('session_person');
    else if (object['recording'] !== request.recording) find('session_recording');
    else if (!erased.has(request.recording)) report(clock.open(leaf), find);
    if (erased.has(String(object['recording']))) find('after_erase');
    sessions.add(object.id);
  };

  const ask = ({ object, actor }: Leaf): void => {
    const [minutes, needed] = [Number(object['minutes']), Number(object['approvals'])];
    const recording = String(object['recording']);
    const objects = String(object['objects']).split(',');
    requests.set(object.id, {
      ...{ requester: actor.id, recording, minutes, needed, objects },
      ...{ approvers: new Set(), closed: false },
    });
  };

  const end = ({ object }: Leaf, find: Find): void => {
    if (!sessions.delete(object.id)) find('session_unopened');
  };

  const beginErasing = ({ action, object }: Leaf, find: Find): void => {
    if (action === 'recording.erasing' && !ERASE_REASONS.has(String(object['reason']))) find('erase_reason');
    if (erased.has(object.id)) find('erase_repeated');
    erased.add(object.id);
  };

  const endErasing = ({ object }: Leaf, find: Find): void => {
    if (!erased.has(object.id)) find('erase_end');
  };

  const follow = new Map<AuditAction, (leaf: Leaf, find: Find) => void>([
    ['access.requested', ask],
    ['access.approved', approve],
    ['access.assigned', assign],
    ['access.denied', close],
    ['access.cancelled', close],
    ['access.expired', close],
    ['grant.extended', (leaf, find) => report(clock.extend(leaf), find)],
    ['grant.revoked', clock.end],
    ['grant.expired', clock.end],
    ['batch.withdrawn', clock.endBatch],
    ['batch.closed', clock.endBatch],
    ['grant.done', (leaf, find) => report(clock.finish(leaf), find)],
    ['grant.returned', (leaf, find) => report(clock.finish(leaf), find)],
    ['session.opened', open],
    ['session.ended', end],
    ['recording.erasing', beginErasing],
    ['tombstone.replayed', beginErasing],
    ['recording.erased', endErasing],
  ]);
  return (leaf, find) => follow.get(leaf.action as AuditAction)?.(leaf, find);
}

/** Whether an approval gives more than was asked for. Its `minutes` and `objects` are what the grant would get. */
function isWider(object: Leaf['object'], asked: Asked): boolean {
  const [minutes, objects] = [object['minutes'], object['objects']];
  const longer = minutes !== undefined && !(Number(minutes) <= asked.minutes);
  return (
    longer ||
    (objects !== undefined &&
      !String(objects)
        .split(',')
        .every((name) => asked.objects.includes(name)))
  );
}

function report(code: FindingCode | null, find: Find): void {
  if (code !== null) find(code);
}
