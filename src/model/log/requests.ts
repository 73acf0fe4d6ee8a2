// The part of the log's check that follows requests and their decisions, and which grants they make.
import { type At, MINUTE_MS } from './at.ts';
import { type Leaf, listed } from './leaf.ts';
import type { People } from './people.ts';
import type { Policies } from './policies.ts';
import type { Sessions } from './sessions.ts';

/** A request as its approvals made it. `policy`: the version that it names. */
export type Asked = {
  readonly requester: string;
  readonly recording: string;
  readonly purpose: string | null;
  readonly needed: number;
  minutes: number;
  objects: readonly string[];
  /** Whether no approver excluded the extension. */
  extendable: boolean;
  readonly approvers: Set<string>;
};

/** A request on which no decision follows: it was approved, denied, cancelled or expired. */
const CLOSED = 'closed';

const NEEDED = ['minutes', 'objects', 'approvals'] as const;

export type Requests = {
  readonly check: (at: At) => void;
  /** A request that can be decided; null for others. */
  readonly open: (id: string) => Readonly<Asked> | null;
};

/**
 * A check that requests are made once, that only supervisors decide who are not the listener and not too new, that a
 * grant has the approvals that its request needs and gives no more than was asked; and the same of assignments. What is
 * decided is dropped but for its id. `proofsChecked`: what a proof signs of a request, the check of proofs compares.
 */
export function requestsOf(people: People, policies: Policies, sessions: Sessions, proofsChecked: boolean): Requests {
  const requests = new Map<string, Asked | typeof CLOSED>();

  const ask = (at: At): void => {
    const { object, actor } = at.leaf;
    if (requests.has(object.id)) at.find('repeated');
    // From the adoption on, the catalogue says what must be there.
    if (!at.isNew && NEEDED.some((name) => object[name] === undefined)) at.find('form');
    policies.checkRequest(at);
    requests.set(object.id, {
      requester: actor.id,
      recording: String(object['recording']),
      purpose: object['purpose'] === undefined ? null : String(object['purpose']),
      needed: Number(object['approvals']),
      minutes: Number(object['minutes']),
      objects: listed(object['objects']),
      extendable: true,
      approvers: new Set(),
    });
  };

  const checkApprover = ({ leaf: { actor }, now, find }: At, listener: string): void => {
    if (people.share(actor.id, listener)) find('approval_own');
    else if (actor.type !== 'person' || !people.hasRole(actor.id, 'supervisor')) find('approval_role');
    else if (people.isTooNew(actor.id, now, policies.approverAgeHours())) find('approval_age');
  };

  const approve = (at: At): void => {
    const request = requests.get(at.leaf.object.id);
    if (request === undefined) at.find('request_unknown');
    else if (request === CLOSED) at.find('approval_closed');
    else approveOpen(at, request);
  };

  const approveOpen = (at: At, request: Asked): void => {
    const { leaf, find } = at;
    const { object, actor } = leaf;
    checkApprover(at, request.requester);
    if (request.approvers.has(actor.id)) find('approval_closed');
    if (object['extension'] !== undefined) request.extendable = false;
    if (isWider(leaf, request, at.now, proofsChecked)) find('approval_wider');
    request.approvers.add(actor.id);
    request.minutes = Number(object['minutes'] ?? request.minutes);
    if (object['objects'] !== undefined) request.objects = listed(object['objects']);
    if (object['grant'] === undefined) return;
    // Written so that a number that is none is a finding.
    if (!(request.approvers.size >= Math.max(1, request.needed))) find('approvals_missing');
    requests.set(object.id, CLOSED);
    policies.checkGrant(at, request.purpose);
    sessions.approve(at, request);
  };

  const close = (at: At): void => {
    const { id } = at.leaf.object;
    const request = requests.get(id);
    if (request === undefined) at.find('request_unknown');
    else if (request === CLOSED) at.find('approval_closed');
    requests.set(id, CLOSED);
  };

  const assign = (at: At): void => {
    const { object } = at.leaf;
    checkApprover(at, String(object['person']));
    policies.checkAssignment(at);
    sessions.assign(at);
  };

  const follow = new Map<string, (at: At) => void>([
    ['access.requested', ask],
    ['access.approved', approve],
    ['access.assigned', assign],
    ['access.denied', close],
    ['access.cancelled', close],
    ['access.expired', close],
  ]);
  return {
    check: (at) => follow.get(at.leaf.action)?.(at),
    open: (id) => {
      const found = requests.get(id);
      return found === undefined || found === CLOSED ? null : found;
    },
  };
}

/** Whether an approval gives more than was asked for. Its `minutes` and `objects` are what the grant would get. */
function isWider({ object }: Leaf, asked: Asked, now: number, proofsChecked: boolean): boolean {
  const { recording, person, purpose, minutes, objects, expires } = object;
  const isSigned = proofsChecked && object['proof'] !== undefined;
  const another = (value: unknown, known: string | null): boolean =>
    !isSigned && value !== undefined && known !== null && value !== known;
  if (another(recording, asked.recording) || another(person, asked.requester) || another(purpose, asked.purpose))
    return true;
  if (object['extend_minutes'] !== undefined && !asked.extendable) return true;
  if (minutes !== undefined && !(Number(minutes) <= asked.minutes)) return true;
  if (objects !== undefined && !listed(objects).every((name) => asked.objects.includes(name))) return true;
  // Without a window the clock runs from the approval on.
  const runs = expires !== undefined && object['opens_until'] === undefined && minutes !== undefined;
  return runs && !(Date.parse(String(expires)) <= now + (Number(minutes) + 1) * MINUTE_MS);
}
