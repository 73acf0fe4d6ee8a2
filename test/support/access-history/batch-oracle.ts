// The oracle's part about assignments: a lead assigns to a reviewer, who finishes or returns.
import type { Leaf } from '../../../src/model/log/leaf.ts';
import {
  type Follow,
  HOUR,
  hasQueue,
  humansOf,
  isTrained,
  leadsQueue,
  listOf,
  mayListen,
  must,
  ruleInForce,
  type State,
  seesRecording,
  shareTeam,
} from './state.ts';

const PROOF_MS = HOUR / 12;
const MOST_DAYS = 31;

const assign = (state: State, leaf: Leaf): void => {
  const { object, actor, ts } = leaf;
  const at = Date.parse(ts);
  const [recording, person, purpose] = [
    String(object['recording']),
    String(object['person']),
    String(object['purpose']),
  ];
  const [maker, reviewer] = [state.people.get(actor.id), state.people.get(person)];
  const [rule, policy] = [ruleInForce(state, purpose), state.inForce?.policy];
  const due = Date.parse(String(object['opens_until']));
  must(state, maker?.kind === 'person' && !maker.off, 'assigned by no active person');
  must(state, maker?.roles.includes('supervisor') === true, 'assigned by another role');
  must(
    state,
    maker?.first === true || at - (maker?.since ?? at) >= (policy?.approverAgeHours ?? 0) * HOUR,
    'assigned by a young approver',
  );
  must(state, !humansOf(state, person).includes(actor.id), 'assigned to the human who assigns');
  must(state, seesRecording(state, actor.id, recording), 'assigned out of scope');
  must(state, state.teams.size === 0 || leadsQueue(state, actor.id, recording), 'assigned by no lead of the queue');
  must(state, rule?.otherTeam !== true || !shareTeam(state, actor.id, person), 'assigned within a team');
  must(state, rule?.assignable === true, 'assigned for a purpose that is not assignable');
  must(state, (rule?.approvals ?? 0) <= 1, 'assigned where more must approve');
  must(state, Number(object['minutes']) <= (rule?.longestMinutes ?? 0), 'assigned for longer than the policy allows');
  must(state, Number(object['extend_minutes'] ?? 0) <= (rule?.extendMinutes ?? 0), 'assigned with a longer extension');
  must(
    state,
    listOf(object['objects']).every((one) => (rule?.objects as readonly string[] | undefined)?.includes(one) === true),
    'assigned what the policy does not give',
  );
  must(state, due > at && due <= at + MOST_DAYS * 24 * HOUR, 'assigned until too late');
  must(state, reviewer?.kind === 'person' && !reviewer.off, 'assigned to no active person');
  must(state, reviewer?.roles.includes('reviewer') === true, 'assigned to another role');
  must(state, mayListen(state, person, purpose), 'assigned to a role that the policy does not let listen');
  must(state, isTrained(state, person, purpose, at), 'assigned without training');
  must(
    state,
    policy?.scope !== 'team' || hasQueue(state, person, recording),
    'assigned to someone who does not see it',
  );
  checkSigned(state, leaf, person);
  must(state, !state.grants.has(object.id), 'assigned as a grant that there was');
  const replaced = state.grants.get(String(object['instead_of']));
  must(state, replaced?.over !== 'finished' || replaced.isReturned, 'replaced what was finished');
  state.grants.set(object.id, {
    ...{
      holder: person,
      recording,
      purpose,
      minutes: Number(object['minutes']),
      end: due,
      batch: String(object['batch']),
    },
    ...{ extension: Number(object['extend_minutes'] ?? 0), approvers: new Set([actor.id]), needed: 1, started: false },
    ...{ extended: false, over: null, isReturned: false, uses: 0, most: policy?.uses ?? 0 },
  });
};

/** An assignment is what the passkey of its maker was shown, within its time. */
function checkSigned(state: State, { object, actor, ts }: Leaf, person: string): void {
  const signed = state.known.signed.get(String(object['proof']));
  const objects = listOf(object['objects']).sort().join();
  const isSigned = signed?.decisions.some(
    (one) =>
      one.decision === 'assign' &&
      one.request === object.id &&
      one.recording === object['recording'] &&
      one.person === person &&
      one.minutes === object['minutes'] &&
      one.opens_until === object['opens_until'] &&
      [...(one.objects ?? [])].sort().join() === objects,
  );
  must(state, signed?.by === actor.id && isSigned === true, 'assigned what was not signed');
  must(state, Date.parse(ts) < (signed?.at ?? 0) + PROOF_MS, 'assigned with an old proof');
}

/** The holder's last word; finished is what was listened to. */
const finish = (state: State, { object, actor, action }: Leaf): void => {
  const grant = state.grants.get(object.id);
  if (grant === undefined || grant.batch === null) return void must(state, false, 'finished what was not assigned');
  must(state, grant.holder === actor.id, 'finished by another person');
  must(state, grant.over === null, 'finished after it had ended');
  const isReturned = action === 'grant.returned';
  must(state, isReturned || grant.started, 'finished before it was listened to');
  Object.assign(grant, { over: 'finished', isReturned });
};

export const BATCHES: Follow = { 'access.assigned': assign, 'grant.done': finish, 'grant.returned': finish };
