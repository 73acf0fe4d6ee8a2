// What a log of access must show, worked out from its events alone and by no code of the product but its types.
import type { Leaf } from '../../../src/model/log/leaf.ts';
import type { Policy, Purpose } from '../../../src/model/policy.ts';

/** A history as it ended. `served`: when pieces of which session were sent. */
export type History = {
  readonly leaves: readonly Leaf[];
  readonly policies: ReadonlyMap<string, Policy>;
  readonly served: readonly { readonly session: string; readonly at: number }[];
};

type Person = { kind: string; roles: string[]; owners: string[]; created: number; first: boolean; off: number };
type Asked = {
  readonly leaf: Leaf;
  readonly policy: Policy;
  readonly approvers: Set<string>;
  closed: boolean;
};
type Grant = { asked: Asked; approval: Leaf; end: number; started: boolean; over: number; uses: number; most: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const list = (value: unknown): string[] => (value === undefined || value === '' ? [] : String(value).split(','));

/** What is wrong in a history, in words; nothing where each session had its approvals, its policy and its clock. */
export function violations({ leaves, policies, served }: History): string[] {
  const wrong: string[] = [];
  const people = new Map<string, Person>();
  const requests = new Map<string, Asked>();
  const grants = new Map<string, Grant>();
  const sessions = new Map<string, { grant: Grant; over: number; person: string; recording: string }>();
  const proposers = new Map<string, string>();
  const approvedBy = new Map<string, string>();
  const erased = new Map<string, number>();
  let inForce: Policy | undefined = [...policies.values()][0];

  const person = (id: string): Person | undefined => people.get(id);
  const humansOf = (id: string): string[] => (person(id)?.kind === 'service' ? (person(id)?.owners ?? []) : [id]);
  const ruleOf = (policy: Policy | undefined, purpose: unknown) => policy?.purposes[purpose as Purpose];
  const must = (holds: boolean, what: string): void => void (holds || wrong.push(what));

  const approve = (leaf: Leaf): void => {
    const { object, actor } = leaf;
    const at = Date.parse(leaf.ts);
    const asked = requests.get(object.id);
    const by = person(actor.id);
    if (asked === undefined || by === undefined) return void wrong.push('approved by or for something unknown');
    const { object: wish, actor: requester } = asked.leaf;
    const rule = ruleOf(inForce, wish['purpose']);
    must(by.kind === 'person', 'approved by a service');
    must(by.roles.includes('supervisor'), 'approved by another role');
    must(by.off > at, 'approved by a person who is off');
    must(!humansOf(actor.id).some((one) => humansOf(requester.id).includes(one)), 'approved by the human who asked');
    must(by.first || at - by.created >= (inForce?.approverAgeHours ?? 0) * HOUR, 'approved by a young account');
    must(!asked.closed, 'approved after it was closed');
    must(at < Date.parse(asked.leaf.ts) + asked.policy.requestHours * HOUR, 'approved after it expired');
    must(!asked.approvers.has(actor.id), 'approved twice by one person');
    must(rule !== undefined, 'approved for a purpose that the policy does not have');
    if (actor.auth === 'api-key') must(inForce?.apiKeyDecisions === true, 'approved by a key');
    else must(object['proof'] !== undefined, 'approved without a proof');
    must(Number(object['minutes']) <= Number(wish['minutes']), 'approved for longer than asked');
    must(
      list(object['objects']).every((one) => list(wish['objects']).includes(one)),
      'approved for more objects than asked',
    );
    must(Number(object['extend_minutes'] ?? 0) <= (rule?.extendMinutes ?? 0), 'approved with a longer extension');
    const latest = at + (rule?.windowHours ?? 0) * HOUR;
    const until = object['opens_until'];
    must(until === undefined || Date.parse(String(until)) <= latest, 'approved with a longer window');
    asked.approvers.add(actor.id);
    if (object['grant'] === undefined) return;
    asked.closed = true;
    const end = until === undefined ? at + Number(object['minutes']) * MINUTE : Date.parse(String(until));
    const made = { started: until === undefined, over: Number.POSITIVE_INFINITY, uses: 0, most: inForce?.uses ?? 0 };
    grants.set(String(object['grant']), { asked, approval: leaf, end, ...made });
  };

  const open = ({ object, actor, ts }: Leaf): void => {
    const at = Date.parse(ts);
    const grant = grants.get(String(object['grant']));
    if (grant === undefined) return void wrong.push('opened without a grant');
    const { leaf: request, policy, approvers } = grant.asked;
    const needed = ruleOf(policy, request.object['purpose'])?.approvals ?? 1;
    const rule = ruleOf(inForce, request.object['purpose']);
    must(approvers.size >= Math.max(1, needed), 'opened with too few approvals');
    must(request.actor.id === actor.id, 'opened by another person');
    must((person(actor.id)?.off ?? 0) > at, 'opened by a person who is off');
    must(request.object['recording'] === object['recording'], 'opened on another recording');
    must(!erased.has(String(object['recording'])), 'opened on an erased recording');
    must(grant.over > at, 'opened after the grant was revoked');
    must(at < grant.end, 'opened after the clock');
    must(
      rule?.roles.some((role) => person(actor.id)?.roles.includes(role)) === true,
      'opened by a role that the policy does not let listen',
    );
    grant.uses++;
    must(grant.uses <= grant.most, 'opened too often');
    if (!grant.started) grant.end = at + Number(grant.approval.object['minutes']) * MINUTE;
    grant.started = true;
    must(Date.parse(String(object['ends'])) <= grant.end, 'opened for longer than approved');
    const recording = String(object['recording']);
    sessions.set(object.id, { grant, over: Number.POSITIVE_INFINITY, person: actor.id, recording });
  };

  const extend = ({ object, actor, ts }: Leaf): void => {
    const grant = grants.get(object.id);
    const minutes = Number(grant?.approval.object['extend_minutes'] ?? 0);
    if (grant === undefined || minutes === 0) return void wrong.push('extended without approval');
    must(actor.id === grant.asked.leaf.actor.id, 'extended by another person');
    must(grant.started && Date.parse(ts) < grant.end, 'extended outside of its time');
    must(grant.approval.object['extended'] === undefined, 'extended twice');
    grant.approval = { ...grant.approval, object: { ...grant.approval.object, extended: 1 } };
    grant.end += minutes * MINUTE;
  };

  const ask = (leaf: Leaf): void => {
    const { object, actor } = leaf;
    const policy = policies.get(String(object['policy']));
    if (policy === undefined) return void wrong.push('asked under an unknown policy');
    const rule = ruleOf(policy, object['purpose']);
    must(Number(object['minutes']) <= (rule?.longestMinutes ?? 0), 'asked for longer than the policy allows');
    must(
      list(object['objects']).every((one) => (rule?.objects as readonly string[] | undefined)?.includes(one) === true),
      'asked for what the policy does not give',
    );
    must(
      rule?.roles.some((role) => person(actor.id)?.roles.includes(role)) === true,
      'asked by a role that the policy does not let listen',
    );
    requests.set(object.id, { leaf, policy, approvers: new Set(), closed: false });
  };

  const add = ({ object, ts, action }: Leaf): void => {
    const kind = action === 'service.added' ? 'service' : 'person';
    const [roles, owners] = [list(object['roles']), list(object['owners'])];
    people.set(object.id, {
      kind,
      roles,
      owners,
      created: Date.parse(ts),
      first: false,
      off: Number.POSITIVE_INFINITY,
    });
  };

  const changePolicy = ({ object }: Leaf): void => {
    const [proposer, approver] = [proposers.get(String(object['change'])), approvedBy.get(String(object['change']))];
    must(proposer !== undefined && approver !== undefined && proposer !== approver, 'a policy by one person');
    inForce = policies.get(object.id) ?? inForce;
  };

  const follow: Readonly<Record<string, (leaf: Leaf) => void>> = {
    'tenant.created': ({ object, ts }) => {
      for (const [name, id] of Object.entries(object)) {
        const roles = name === 'admin' ? ['admin'] : /^approver_\d+$/.test(name) ? ['supervisor'] : null;
        const rest = { owners: [], created: Date.parse(ts), first: true, off: Number.POSITIVE_INFINITY };
        if (roles !== null) people.set(String(id), { kind: 'person', roles, ...rest });
      }
    },
    'person.added': add,
    'service.added': add,
    'person.off': ({ object, ts }) => void Object.assign(person(object.id) ?? {}, { off: Date.parse(ts) }),
    'change.proposed': ({ object, actor }) => void proposers.set(object.id, actor.id),
    'change.approved': ({ object, actor }) => void approvedBy.set(object.id, actor.id),
    'policy.changed': changePolicy,
    'access.requested': ask,
    'access.approved': approve,
    'grant.extended': extend,
    'session.opened': open,
    'recording.erasing': ({ object, ts }) => void erased.set(object.id, Date.parse(ts)),
    'session.ended': ({ object, ts }) => void Object.assign(sessions.get(object.id) ?? {}, { over: Date.parse(ts) }),
  };
  for (const action of ['access.denied', 'access.cancelled', 'access.expired'])
    Object.assign(follow, {
      [action]: ({ object }: Leaf) => Object.assign(requests.get(object.id) ?? {}, { closed: true }),
    });
  for (const action of ['grant.revoked', 'grant.expired'])
    Object.assign(follow, {
      [action]: ({ object, ts }: Leaf) => Object.assign(grants.get(object.id) ?? {}, { over: Date.parse(ts) }),
    });

  for (const leaf of leaves) if (leaf.outcome === 'ok') follow[leaf.action]?.(leaf);
  for (const { session, at } of served) {
    const one = sessions.get(session);
    if (one === undefined) wrong.push('served without a session');
    else {
      must(at < one.grant.end && at <= one.over && at <= one.grant.over, 'served after its end');
      must(at <= (erased.get(one.recording) ?? at) && at < (person(one.person)?.off ?? 0), 'served when it was gone');
    }
  }
  return wrong;
}
