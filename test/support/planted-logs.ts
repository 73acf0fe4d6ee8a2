// Logs as they should be, and logs with one thing planted that the check must find.
// Long because each planted fault is a line or two.
import { type Actor, leafBytes, leafHash, type NewEvent, type StoredEvent } from '../../src/model/audit-event.ts';
import type { FindingCode } from '../../src/model/log/finding.ts';

const ORIGIN = 'vault.example';
export const LOG = 'ten_00000000000000000000000000';
export const NAME = `${ORIGIN}/${LOG}`;

export type Told = Pick<NewEvent, 'action' | 'object'> &
  Partial<Pick<NewEvent, 'outcome'>> & { by: string; kind?: Actor['type']; auth?: Actor['auth'] };

/** The log of these events, with a second between them or at these times. */
export function logOf(told: readonly Told[], times: readonly string[] = []): StoredEvent[] {
  return told.map(({ by, kind = 'person', auth = 'api-key', ...event }, seq) => {
    const actor = { type: kind, id: by, auth } as const;
    const ts = times[seq] ?? `2026-11-25T09:00:${String(seq).padStart(2, '0')}.000Z`;
    const leaf = leafBytes(
      { log: LOG, id: `evt_${String(seq).padStart(26, '0')}`, actor, ...event },
      { origin: ORIGIN, seq, ts, node: 'n1' },
    );
    return { log: LOG, seq, leaf, hash: leafHash(leaf) };
  });
}

export const asked: Told = {
  action: 'access.requested',
  by: 'usr_r',
  object: { type: 'request', id: 'req_1', recording: 'rec_1', approvals: 1, minutes: 15, objects: 'audio' },
};
const clock = { minutes: 15, opens_until: '2026-11-25T17:00:00.000Z', extend_minutes: 10 };
export const approved: Told = {
  action: 'access.approved',
  by: 'usr_s',
  object: { type: 'request', id: 'req_1', grant: 'grt_1', ...clock },
};
export const opened: Told = {
  action: 'session.opened',
  by: 'usr_r',
  object: {
    ...{ type: 'session', id: 'ses_1', grant: 'grt_1', request: 'req_1' },
    recording: 'rec_1',
    ends: '2026-11-25T09:15:00.000Z',
  },
};
export const openedAgain: Told = { ...opened, object: { ...opened.object, id: 'ses_2' } };
export const created: Told = {
  action: 'tenant.created',
  by: 'op-1',
  kind: 'operator',
  auth: 'cli',
  object: { type: 'tenant', id: LOG, authority: 1, admin: 'usr_r', approver_1: 'usr_s' },
};
/** What makes a recording, and what changes people. */
export const described: Told = {
  action: 'recording.created',
  by: 'svc_1',
  kind: 'service',
  object: { type: 'recording', id: 'rec_1', again: 0 },
};
export const uploading: Told = {
  ...described,
  action: 'deposit.started',
  object: { type: 'deposit', id: 'dep_1', recording: 'rec_1', object: 'audio' },
};
export const uploaded: Told = { ...uploading, action: 'deposit.available' };
export const serviceAdded: Told = {
  action: 'service.added',
  by: 'op-1',
  kind: 'operator',
  auth: 'cli',
  object: { type: 'service', id: 'svc_1', roles: 'uploader' },
};
const person = { type: 'person', id: 'usr_s' };
const lowered: Told = { ...serviceAdded, action: 'person.changed', object: { ...person, roles: 'reviewer' } };
const turnedOff: Told = { ...serviceAdded, action: 'person.off', object: person };
export const key = (id: string, principal: string, expires = '2026-12-25T09:00:00.000Z'): Told => ({
  action: 'api_key.created',
  by: 'op-1',
  kind: 'operator',
  auth: 'cli',
  object: { type: 'api_key', id, principal, expires },
});
export const by = (event: Told, api_key: string): Told => ({ ...event, object: { ...event.object, api_key } });
export const signedIn: Told = {
  action: 'sign_in.opened',
  by: 'usr_s',
  auth: 'sign-in',
  object: { type: 'sign_in', id: 'sgn_s', ends: '2026-11-25T21:00:00.000Z' },
};
export const signedOut: Told = { ...signedIn, action: 'sign_in.ended', object: { type: 'sign_in', id: 'sgn_s' } };
export const approvedBySignIn: Told = {
  ...approved,
  auth: 'sign-in',
  object: { ...approved.object, sign_in: 'sgn_s' },
};
export const extended: Told = {
  action: 'grant.extended',
  by: 'usr_r',
  object: { type: 'grant', id: 'grt_1', recording: 'rec_1', request: 'req_1', expires: '2026-11-25T09:25:00.000Z' },
};
const grant = { type: 'grant', id: 'grt_1', recording: 'rec_1', request: 'req_1' };
export const revoked: Told = { action: 'grant.revoked', by: 'usr_s', object: grant };
export const expired: Told = { action: 'grant.expired', by: 'n1', object: grant };
/** An assigned grant, a session on it, and its ends. */
export const assignedGrant: Told = {
  action: 'access.assigned',
  by: 'usr_s',
  object: { type: 'grant', id: 'grt_2', recording: 'rec_1', person: 'usr_r', batch: 'bat_1', ...clock },
};
const work = { type: 'grant', id: 'grt_2', recording: 'rec_1', batch: 'bat_1' };
export const finished: Told = { action: 'grant.done', by: 'usr_r', object: work };
export const returned: Told = { action: 'grant.returned', by: 'usr_r', object: work };
export const withdrawn: Told = { action: 'grant.revoked', by: 'usr_s', object: work };
const withdrawnBatch: Told = {
  action: 'batch.withdrawn',
  by: 'usr_s',
  object: { type: 'batch', id: 'bat_1' },
};
const closedBatch: Told = { ...withdrawnBatch, action: 'batch.closed' };
/** The event with other members; undefined removes one. */
export const but = (event: Told, members: Record<string, unknown>): Told => {
  const object = Object.entries({ ...event.object, ...members }).filter(([, value]) => value !== undefined);
  return { ...event, object: Object.fromEntries(object) as Told['object'] };
};
/** A session on the assigned grant. */
export const openedAssigned = but(opened, { grant: 'grt_2', request: undefined, batch: 'bat_1' });
export const revokedKey: Told = {
  action: 'api_key.revoked',
  by: 'op-1',
  kind: 'operator',
  auth: 'cli',
  object: { type: 'api_key', id: 'key_r' },
};
const rec = { type: 'recording', id: 'rec_1' };
export const erasing: Told = { action: 'recording.erasing', by: 'op-1', object: { ...rec, reason: 'request' } };
export const erased: Told = { action: 'recording.erased', by: 'n1', object: rec };
export const replayed: Told = { action: 'tombstone.replayed', by: 'n1', object: rec };
const wide = '2026-11-25T09:26:00.000Z';
export const ended: Told = { action: 'session.ended', by: 'usr_r', object: { type: 'session', id: 'ses_1' } };

/** What is planted, the events with it, and the code of the finding. */
export const PLANTED: readonly (readonly [name: string, told: readonly Told[], code: FindingCode])[] = [
  ['an approval after the approver was deactivated', [created, asked, turnedOff, approved], 'actor_off'],
  ['an approval by a person who is no supervisor any more', [created, asked, lowered, approved], 'approval_role'],
  ['a request for a recording that was never created', [created, asked], 'recording_unknown'],
  ['an upload that never began', [created, serviceAdded, uploaded], 'deposit_unknown'],
  ['a recording created twice', [created, serviceAdded, described, described], 'repeated'],
  ['an upload that begins twice', [created, serviceAdded, uploading, uploading], 'repeated'],
  ['a request made twice', [created, serviceAdded, described, asked, asked], 'repeated'],
  ['an approval after the approval', [asked, approved, { ...approved, by: 'usr_t' }], 'approval_closed'],
  [
    'an approval after the denial',
    [asked, { ...approved, action: 'access.denied', object: { type: 'request', id: 'req_1' } }, approved],
    'approval_closed',
  ],
  [
    'two approvals by one person',
    [but(asked, { approvals: 2 }), but(approved, { grant: undefined }), approved],
    'approval_closed',
  ],
  ['an approval of more minutes than were asked for', [asked, but(approved, { minutes: 16 })], 'approval_wider'],
  ['an approval of more content', [asked, but(approved, { objects: 'audio,transcript' })], 'approval_wider'],
  ['a finish before the first listen', [assignedGrant, finished], 'finish_unheard'],
  ['a return after the finish', [assignedGrant, openedAssigned, finished, returned], 'finish_closed'],
  [
    'a finish after the due time',
    [but(assignedGrant, { opens_until: '2026-11-25T08:59:01.500Z' }), openedAssigned, finished],
    'finish_late',
  ],
  ['an erasure for no reason', [but(erasing, { reason: 'tidy' })], 'erase_reason'],
  ['a session without approval', [asked, opened], 'session_unapproved'],
  ['a session on a request that no one made', [opened], 'session_unapproved'],
  ['an approval by who asked', [asked, { ...approved, by: 'usr_r' }, opened], 'approval_own'],
  ['an approval by a service', [asked, { ...approved, kind: 'service' }], 'approval_role'],
  ['an approval of nothing', [approved], 'request_unknown'],
  ['a session of somebody else', [asked, approved, { ...opened, by: 'usr_x' }], 'session_person'],
  [
    'a session on another recording',
    [asked, approved, { ...opened, object: { ...opened.object, recording: 'rec_2' } }],
    'session_recording',
  ],
  [
    'too few approvals',
    [{ ...asked, object: { ...asked.object, approvals: 2 } }, approved, opened],
    'approvals_missing',
  ],
  [
    'a number of approvals that is none',
    [{ ...asked, object: { ...asked.object, approvals: 'x' } }, approved],
    'approvals_missing',
  ],
  [
    'one person approving twice',
    [{ ...asked, object: { ...asked.object, approvals: 2 } }, approved, approved, opened],
    'approvals_missing',
  ],
  ['a session on what was erased', [asked, approved, erasing, opened], 'after_erase'],
  ['a session on what was erased again', [asked, approved, replayed, opened], 'after_erase'],
  ['an erasure without its beginning', [erased], 'erase_end'],
  ['a recording erased twice', [erasing, erased, erasing], 'repeated'],
  ['a request by a key that was never created', [by(asked, 'key_r')], 'credential'],
  ['a request by a key that was revoked', [key('key_r', 'usr_r'), revokedKey, by(asked, 'key_r')], 'credential'],
  ['a request by another’s key', [key('key_r', 'usr_x'), by(asked, 'key_r')], 'credential'],
  [
    'a request by an expired key',
    [key('key_r', 'usr_r', '2026-11-25T08:00:00.000Z'), by(asked, 'key_r')],
    'credential',
  ],
  ['an extension by a revoked key', [key('key_r', 'usr_r'), revokedKey, by(extended, 'key_r')], 'credential'],
  ['an extension that names no credential', [created, extended], 'credential'],
  [
    'an assignment by a sign-in that ended',
    [signedIn, signedOut, { ...but(assignedGrant, { sign_in: 'sgn_s' }), auth: 'sign-in' }],
    'credential',
  ],
  ['an assignment that names no credential', [created, { ...assignedGrant, auth: 'sign-in' }], 'credential'],
  ['a finish by another’s key', [key('key_r', 'usr_x'), assignedGrant, by(finished, 'key_r')], 'credential'],
  ['a return by a key that was never created', [assignedGrant, by(returned, 'key_r')], 'credential'],
  ['a withdrawal of a batch that names no credential', [created, withdrawnBatch], 'credential'],
  ['an approval by a sign-in that ended', [asked, signedIn, signedOut, approvedBySignIn], 'credential'],
  ['an approval by no sign-in of this log', [asked, approvedBySignIn], 'credential'],
  ['an approval that names no credential', [created, asked, approved], 'credential'],
  ['a session on a grant of no approval', [asked, approved, but(opened, { grant: 'grt_2' })], 'session_unapproved'],
  [
    'a session on a grant of another request',
    [asked, but(asked, { id: 'req_2' }), but(approved, { grant: 'grt_2' }), but(approved, { id: 'req_2' }), opened],
    'session_unapproved',
  ],
  ['a session that may last longer than approved', [asked, approved, but(opened, { ends: wide })], 'session_late'],
  ['a session without an end', [asked, approved, but(opened, { ends: undefined })], 'session_late'],
  ['a later session that ends later', [asked, approved, opened, but(openedAgain, { ends: wide })], 'session_late'],
  ['an assignment to oneself', [{ ...assignedGrant, by: 'usr_r' }, openedAssigned], 'approval_own'],
  ['an assignment by a service', [{ ...assignedGrant, kind: 'service' }, openedAssigned], 'approval_role'],
  ['a session on a call that no one assigned', [openedAssigned], 'session_unapproved'],
  [
    'a session that names its request as a batch, with one approval of two',
    [but(asked, { approvals: 2 }), approved, but(opened, { request: undefined, batch: 'req_1' })],
    'session_unapproved',
  ],
  ['a session on another batch', [assignedGrant, but(openedAssigned, { batch: 'bat_2' })], 'session_unapproved'],
  [
    'a session by a person who was assigned nothing',
    [assignedGrant, { ...openedAssigned, by: 'usr_x' }],
    'session_person',
  ],
  ['a session on another call', [assignedGrant, but(openedAssigned, { recording: 'rec_2' })], 'session_recording'],
  ['a session after the finish', [assignedGrant, openedAssigned, finished, openedAssigned], 'session_revoked'],
  ['a session after the return', [assignedGrant, returned, openedAssigned], 'session_revoked'],
  ['a session after its batch was withdrawn', [assignedGrant, withdrawnBatch, openedAssigned], 'session_revoked'],
  ['a session after its batch was closed', [assignedGrant, closedBatch, openedAssigned], 'session_late'],
  ['a session after the withdrawal', [assignedGrant, withdrawn, openedAssigned], 'session_revoked'],
  [
    'a session on a finished grant that was assigned again',
    [assignedGrant, openedAssigned, finished, assignedGrant, openedAssigned],
    'session_revoked',
  ],
  [
    'a session on a grant that was assigned again to another person',
    [assignedGrant, but(assignedGrant, { person: 'usr_x' }), { ...openedAssigned, by: 'usr_x' }],
    'session_person',
  ],
  [
    'a session on a revoked grant that was approved again',
    [asked, approved, revoked, approved, opened],
    'session_revoked',
  ],
  ['a finish by another person', [assignedGrant, openedAssigned, { ...finished, by: 'usr_x' }], 'finish_person'],
  ['a finish of what no one assigned', [finished], 'finish_unassigned'],
  ['a session on a revoked grant', [asked, approved, revoked, opened], 'session_revoked'],
  ['a session on an expired grant', [asked, approved, expired, opened], 'session_late'],
  [
    'a first listen after its window',
    [asked, but(approved, { opens_until: '2026-11-25T08:58:00.000Z' }), opened],
    'session_late',
  ],
  [
    'a later listen after the clock',
    [asked, approved, but(opened, { ends: '2026-11-25T08:58:00.000Z' }), openedAgain],
    'session_late',
  ],
  [
    'an extension that was not approved',
    [asked, but(approved, { extend_minutes: undefined }), opened, extended],
    'extension_unapproved',
  ],
  ['an extension of no grant', [asked, approved, opened, but(extended, { id: 'grt_2' })], 'extension_unapproved'],
  ['an extension by another person', [asked, approved, opened, { ...extended, by: 'usr_s' }], 'extension_person'],
  ['a second extension', [asked, approved, opened, extended, extended], 'extension_repeated'],
  ['an extension before the first listen', [asked, approved, extended], 'extension_early'],
  ['an extension of a revoked grant', [asked, approved, opened, revoked, extended], 'extension_late'],
  [
    'an extension by more than was approved',
    [asked, approved, opened, but(extended, { expires: wide })],
    'extension_end',
  ],
  [
    'a listen after the end of an extension',
    [asked, approved, opened, extended, but(openedAgain, { ends: wide })],
    'session_late',
  ],
  ['a session that ends without having begun', [asked, approved, ended], 'session_unopened'],
];
