// The oracle's part about requests, decisions, grants and listening.
import type { Leaf } from '../../../src/model/log/leaf.ts';
import {
  type Asked,
  type Follow,
  HOUR,
  humansOf,
  isTrained,
  leadsQueue,
  listOf,
  MINUTE,
  mayListen,
  must,
  ruleInForce,
  type SignedDecision,
  type State,
  seesRecording,
  shareTeam,
} from './state.ts';

const PROOF_MS = 5 * MINUTE;

const ask = (state: State, leaf: Leaf): void => {
  const { object, actor, ts } = leaf;
  const { inForce } = state;
  if (inForce === null || inForce.id !== object['policy'])
    return void must(state, false, 'asked under a policy that is not in force');
  const { policy } = inForce;
  const rule = ruleInForce(state, object['purpose']);
  const open = ({ leaf: other, closed }: Asked): boolean =>
    other.actor.id === actor.id && !closed && Date.parse(ts) < Date.parse(other.ts) + policy.requestHours * HOUR;
  const others = [...state.requests.values()].filter(open).length;
  must(state, seesRecording(state, actor.id, String(object['recording'])), 'asked out of scope');
  must(state, Number(object['minutes']) <= (rule?.longestMinutes ?? 0), 'asked for longer than the policy allows');
  must(
    state,
    listOf(object['objects']).every((one) => (rule?.objects as readonly string[] | undefined)?.includes(one) === true),
    'asked for what the policy does not give',
  );
  must(state, mayListen(state, actor.id, object['purpose']), 'asked by a role that the policy does not let listen');
  must(state, isTrained(state, actor.id, object['purpose'], Date.parse(ts)), 'asked without training');
  must(state, others < (policy.openRequests ?? Number.POSITIVE_INFINITY), 'asked while too many were open');
  state.requests.set(object.id, { leaf, policy, approvers: new Set(), closed: false });
};

/** What holds of every decision: who decides, on what, and how they confirmed it. */
function decide(state: State, leaf: Leaf, asked: Asked): void {
  const { object, actor, ts } = leaf;
  const at = Date.parse(ts);
  const { actor: requester, object: wish } = asked.leaf;
  const [by, policy] = [state.people.get(actor.id), state.inForce?.policy];
  const recording = String(wish['recording']);
  must(state, by?.kind === 'person', 'decided by a service');
  must(state, by?.roles.includes('supervisor') === true, 'decided by another role');
  must(state, by?.off === false, 'decided by a person who is off');
  must(
    state,
    !humansOf(state, actor.id).some((one) => humansOf(state, requester.id).includes(one)),
    'decided by the human who asked',
  );
  must(
    state,
    by?.first === true || at - (by?.since ?? at) >= (policy?.approverAgeHours ?? 0) * HOUR,
    'decided by a young approver',
  );
  must(state, seesRecording(state, actor.id, recording), 'decided out of scope');
  const escalated = at - Date.parse(asked.leaf.ts) >= (policy?.escalateHours ?? 0) * HOUR;
  must(state, escalated || leadsQueue(state, actor.id, recording), 'decided by no lead of the queue');
  const apart = ruleInForce(state, wish['purpose'])?.otherTeam === true;
  must(state, !apart || !shareTeam(state, actor.id, requester.id), 'decided by someone of the same team');
  must(state, !asked.closed, 'decided after it was closed');
  must(state, at < Date.parse(asked.leaf.ts) + asked.policy.requestHours * HOUR, 'decided after it expired');
  must(state, state.people.get(requester.id)?.off === false, 'decided for a person who is off');
  if (actor.auth === 'api-key') must(state, policy?.apiKeyDecisions === true, 'decided by a key');
  else must(state, object['proof'] !== undefined, 'decided without a proof');
  if (object['proof'] !== undefined) checkSigned(state, leaf);
}

/** A decision is what the passkey was shown, by the person who was shown it, within its time. */
function checkSigned(state: State, { object, actor, ts, action }: Leaf): void {
  const signed = state.known.signed.get(String(object['proof']));
  const decision = action === 'access.approved' ? 'approve' : 'deny';
  const is = (one: SignedDecision): boolean => {
    if (one.request !== object.id || one.decision !== decision) return false;
    if (decision === 'deny') return true;
    const sameObjects = [...(one.objects ?? [])].sort().join() === listOf(object['objects']).sort().join();
    return one.minutes === object['minutes'] && sameObjects && one.opens_until === object['opens_until'];
  };
  must(state, signed?.by === actor.id && signed.decisions.some(is), 'decided what was not signed');
  must(state, Date.parse(ts) < (signed?.at ?? 0) + PROOF_MS, 'decided with an old proof');
}

const approve = (state: State, leaf: Leaf): void => {
  const { object, actor } = leaf;
  const at = Date.parse(leaf.ts);
  const asked = state.requests.get(object.id);
  if (asked === undefined) return void must(state, false, 'decided on something unknown');
  decide(state, leaf, asked);
  const { object: wish } = asked.leaf;
  const rule = ruleInForce(state, wish['purpose']);
  must(state, !asked.approvers.has(actor.id), 'approved twice by one person');
  must(state, rule !== undefined, 'approved for a purpose that the policy does not have');
  must(state, Number(object['minutes']) <= Number(wish['minutes']), 'approved for longer than asked');
  must(
    state,
    listOf(object['objects']).every((one) => listOf(wish['objects']).includes(one)),
    'approved for more objects than asked',
  );
  must(state, Number(object['extend_minutes'] ?? 0) <= (rule?.extendMinutes ?? 0), 'approved with a longer extension');
  const latest = at + (rule?.windowHours ?? 0) * HOUR;
  const until = object['opens_until'];
  must(state, until === undefined || Date.parse(String(until)) <= latest, 'approved with a longer window');
  asked.approvers.add(actor.id);
  if (object['grant'] === undefined) return;
  asked.closed = true;
  const end = until === undefined ? at + Number(object['minutes']) * MINUTE : Date.parse(String(until));
  const needed = Object.entries(asked.policy.purposes).find(([name]) => name === wish['purpose'])?.[1].approvals ?? 1;
  state.grants.set(String(object['grant']), {
    ...{ holder: asked.leaf.actor.id, recording: String(wish['recording']), purpose: String(wish['purpose']) },
    ...{ minutes: Number(object['minutes']), extension: Number(object['extend_minutes'] ?? 0), batch: null },
    ...{ approvers: asked.approvers, needed: Math.max(1, needed), end, started: until === undefined },
    ...{ extended: false, over: null, isReturned: false, uses: 0, most: state.inForce?.policy.uses ?? 0 },
  });
};

const deny = (state: State, leaf: Leaf): void => {
  const asked = state.requests.get(leaf.object.id);
  if (asked === undefined) return void must(state, false, 'decided on something unknown');
  decide(state, leaf, asked);
  asked.closed = true;
};

const giveProof = (state: State, { object }: Leaf): void => {
  must(state, !state.proofs.has(object.id), 'a proof given twice');
  state.proofs.add(object.id);
  const most = state.inForce?.policy.bulk ?? 0;
  must(state, Number(object['decisions']) <= most, 'more decisions by one proof than the policy allows');
};

const open = (state: State, { object, actor, ts }: Leaf): void => {
  const at = Date.parse(ts);
  const grant = state.grants.get(String(object['grant']));
  if (grant === undefined) return void must(state, false, 'opened without a grant');
  const { purpose, approvers, holder } = grant;
  const recording = String(object['recording']);
  must(state, approvers.size >= grant.needed, 'opened with too few approvals');
  must(state, !approvers.has(actor.id), 'opened by someone who approved it');
  must(state, holder === actor.id, 'opened by another person');
  must(state, state.people.get(actor.id)?.off === false, 'opened by a person who is off');
  must(state, grant.recording === recording, 'opened on another recording');
  must(state, !state.erased.has(recording), 'opened on an erased recording');
  must(state, grant.over !== 'ended', 'opened after the grant had ended');
  must(state, grant.over !== 'finished', 'opened after it was finished');
  must(state, at < grant.end, 'opened after the clock');
  must(state, mayListen(state, actor.id, purpose), 'opened by a role that the policy does not let listen');
  must(state, isTrained(state, actor.id, purpose, at), 'opened without training');
  const own = [...state.sessions.values()].filter((one) => one.person === actor.id);
  const live = own.filter((one) => !one.over && at < one.grant.end);
  must(
    state,
    live.length < (state.inForce?.policy.atOnce ?? Number.POSITIVE_INFINITY),
    'opened while too many were live',
  );
  grant.uses++;
  must(state, grant.uses <= grant.most, 'opened too often');
  if (!grant.started) grant.end = at + grant.minutes * MINUTE;
  grant.started = true;
  const ends = Date.parse(String(object['ends']));
  must(state, ends <= grant.end, 'opened for longer than approved');
  state.sessions.set(object.id, { grant, person: actor.id, recording, ends, over: false });
};

const extend = (state: State, { object, actor, ts }: Leaf): void => {
  const grant = state.grants.get(object.id);
  const minutes = grant?.extension ?? 0;
  if (grant === undefined || minutes === 0) return void must(state, false, 'extended without approval');
  must(state, actor.id === grant.holder, 'extended by another person');
  must(state, grant.started && grant.over === null && Date.parse(ts) < grant.end, 'extended outside of its time');
  must(state, !grant.extended, 'extended twice');
  grant.extended = true;
  grant.end += minutes * MINUTE;
};

/** One's own, or for approvers and `privacy` any that they see; the deployment's, where what it needs has ended. */
const revoke = (state: State, { object, actor }: Leaf): void => {
  const grant = state.grants.get(object.id);
  if (grant !== undefined) grant.over = 'ended';
  const isOther = object['why'] === 'person-off' || object['why'] === 'erased';
  if (actor.type !== 'person' || isOther || grant?.holder === actor.id) return;
  const roles = state.people.get(actor.id)?.roles ?? [];
  must(state, roles.includes('supervisor') || roles.includes('privacy'), 'revoked by another role');
  // Who made a batch withdraws it, also where they no longer see its calls.
  const isWithdrawn = object['why'] === 'withdrawn';
  const isSeen = isWithdrawn || seesRecording(state, actor.id, String(object['recording']));
  must(state, isSeen, 'revoked out of scope');
};

const closeRequest = (state: State, { object }: Leaf): void => {
  Object.assign(state.requests.get(object.id) ?? {}, { closed: true });
};

export const ACCESS: Follow = {
  'access.requested': ask,
  'access.approved': approve,
  'access.denied': deny,
  'access.cancelled': closeRequest,
  'access.expired': closeRequest,
  'proof.given': giveProof,
  'grant.extended': extend,
  'grant.revoked': revoke,
  'grant.expired': (state, { object }) => void Object.assign(state.grants.get(object.id) ?? {}, { over: 'ended' }),
  'session.opened': open,
  'session.ended': (state, { object }) => void Object.assign(state.sessions.get(object.id) ?? {}, { over: true }),
  'recording.erasing': (state, { object }) => void state.erased.add(object.id),
};

/** Content of a session was sent at this time. */
export function serve(state: State, id: string, at: number): void {
  const session = state.sessions.get(id);
  if (session === undefined) return void must(state, false, 'served without a session');
  const { grant, person, recording } = session;
  const { purpose } = grant;
  must(state, !session.over && grant.over === null, 'served after it had ended');
  must(state, at < grant.end, 'served after the clock');
  must(state, !state.erased.has(recording), 'served after it was erased');
  must(state, state.people.get(person)?.off === false, 'served to a person who is off');
  must(state, mayListen(state, person, purpose), 'served to a role that the policy does not let listen');
}
