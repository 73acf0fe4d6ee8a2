// An event in the form of OCSF 1.8.0 (schema.ocsf.io), which security information systems read.
import type { AuditAction } from './event-catalogue.ts';
import type { Leaf } from './leaf.ts';

/** The version of the schema that events have. */
export const OCSF_VERSION = '1.8.0';

const AUTHENTICATION = { class_uid: 3002, category_uid: 3 } as const;
const API_ACTIVITY = { class_uid: 6003, category_uid: 6 } as const;

/** `activity_id` of API Activity. */
const [CREATE, READ, UPDATE, DELETE, OTHER] = [1, 2, 3, 4, 99] as const;
/** `activity_id` of Authentication. */
const [LOG_ON, LOG_OFF] = [1, 2] as const;
/** `severity_id`. */
const [INFORMATIONAL, MEDIUM] = [1, 3] as const;
/** `status_id`. */
const [SUCCESS, FAILURE] = [1, 2] as const;

type Verb = AuditAction extends `${string}.${infer Word}` ? Word : never;

/** What an action does, by its second word. `OTHER` has the action as its name. */
const ACTIVITIES: Readonly<Record<Verb, number>> = {
  ...{ added: CREATE, created: CREATE, creating: CREATE, opened: CREATE, started: CREATE, requested: CREATE },
  ...{ identified: UPDATE, doing: UPDATE, stayed: UPDATE, answered: UPDATE, copies: CREATE, copies_ended: UPDATE },
  ...{ placed: CREATE, proposed: CREATE, link_made: CREATE, assigned: CREATE, given: CREATE, issued: CREATE },
  ...{
    read: READ,
    searched: READ,
    used: READ,
    verified: READ,
    ran: READ,
    reported: READ,
    drilled: READ,
    downloaded: READ,
  },
  ...{
    covered: UPDATE,
    missing: UPDATE,
    amended: UPDATE,
    applied: UPDATE,
    approved: UPDATE,
    changed: UPDATE,
    extended: UPDATE,
    rotated: UPDATE,
  },
  ...{
    rewrapped: UPDATE,
    reencrypted: UPDATE,
    quarantined: UPDATE,
    row_differs: UPDATE,
    released: UPDATE,
    available: UPDATE,
  },
  ...{
    suspended: UPDATE,
    braked: UPDATE,
    paused: UPDATE,
    resumed: UPDATE,
    rebuilt: UPDATE,
    rebuilding: UPDATE,
    restored: UPDATE,
    corrected: UPDATE,
    confirmed: UPDATE,
    restoring: UPDATE,
    adopted: UPDATE,
    keyed: UPDATE,
  },
  ...{
    restricted: UPDATE,
    unrestricted: UPDATE,
    committing: UPDATE,
    signed: UPDATE,
    denied: UPDATE,
    done: UPDATE,
    returned: UPDATE,
    closed: UPDATE,
  },
  ...{ aborted: DELETE, aborting: DELETE, cancelled: DELETE, ended: DELETE, erased: DELETE, erasing: DELETE },
  ...{
    expired: DELETE,
    off: DELETE,
    lifted: DELETE,
    removed: DELETE,
    retired: DELETE,
    revoked: DELETE,
    withdrawn: DELETE,
  },
  swept: DELETE,
  ...{ filed: OTHER, limited: OTHER, listed: OTHER, refused: OTHER, replayed: OTHER, stepped_up: OTHER },
};

/** `type_id` of a user, by the type of the actor. */
const USER_TYPES: ReadonlyMap<string, number> = new Map(
  Object.entries({ person: 1, operator: 2, system: 3, service: 4 }),
);

/** An event as OCSF has it. */
export type OcsfEvent = Readonly<Record<string, unknown>> & { readonly class_uid: number; readonly type_uid: number };

/** An event of a log: its leaf, and what to verify it with, in base64. */
export type OcsfSource = { readonly leaf: Leaf; readonly bytes: string; readonly hash: string };

/**
 * The event in OCSF: Authentication (3002) for `sign_in.…`, else API Activity (6003). `unmapped` has the exact leaf and its
 * hash. It holds opaque ids only, as the leaf does.
 */
export function ocsfEvent({ leaf, bytes, hash }: OcsfSource): OcsfEvent {
  const { action, actor, object, outcome } = leaf;
  const isSignIn = action.startsWith('sign_in.');
  const kind = isSignIn ? AUTHENTICATION : API_ACTIVITY;
  const activity = isSignIn ? signInActivity(action) : apiActivity(action);
  const user = userOf(actor.type, actor.id);
  const principal = object['principal'];
  return {
    ...kind,
    activity_id: activity,
    ...(activity === OTHER ? { activity_name: action } : {}),
    type_uid: kind.class_uid * 100 + activity,
    time: Date.parse(leaf.ts),
    severity_id: outcome === 'refused' ? MEDIUM : INFORMATIONAL,
    status_id: outcome === 'ok' ? SUCCESS : FAILURE,
    ...(outcome === 'ok' ? {} : { status_code: outcome }),
    ...countOf(leaf),
    metadata: {
      version: OCSF_VERSION,
      product: { name: 'callvault', vendor_name: 'callvault' },
      ...(leaf.id === undefined ? {} : { uid: leaf.id }),
      event_code: action,
      sequence: leaf.seq,
      log_name: leaf.log,
      ...(leaf.req === undefined ? {} : { correlation_uid: leaf.req }),
    },
    actor: { user },
    src_endpoint: { svc_name: 'callvault', uid: leaf.node },
    ...(isSignIn
      ? { user: principal === undefined ? user : { uid: String(principal) }, service: { name: 'callvault' } }
      : { api: { operation: action }, resources: resourcesOf(leaf) }),
    unmapped: { leaf: bytes, hash },
  };
}

function apiActivity(action: string): number {
  const verb = action.slice(action.indexOf('.') + 1);
  return ACTIVITIES[verb as Verb] ?? OTHER;
}

function signInActivity(action: string): number {
  if (action === 'sign_in.ended') return LOG_OFF;
  return action === 'sign_in.opened' || action === 'sign_in.refused' ? LOG_ON : OTHER;
}

function userOf(type: string, uid: string) {
  return { uid, type_id: USER_TYPES.get(type) ?? 0 };
}

/** The event that closes a window says how often its action was repeated. */
function countOf({ object, ts }: Leaf) {
  const { counted, window } = object;
  if (counted === undefined || window === undefined) return {};
  return { count: Number(counted), start_time: Date.parse(String(window)), end_time: Date.parse(ts) };
}

function resourcesOf({ object }: Leaf) {
  const recording = object['recording'];
  const about = { uid: object.id, type: object.type };
  if (recording === undefined || object.type === 'recording') return [about];
  return [about, { uid: String(recording), type: 'recording' }];
}
