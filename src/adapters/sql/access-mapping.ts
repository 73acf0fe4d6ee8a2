// Access requests, decisions and grants, and their columns.
import type { AccessRequest, Decision, Grant } from '../../model/access.ts';
import { listColumn, listIn, type Mapping } from './mapping.ts';

export type RequestColumns = Omit<AccessRequest, 'objects'> & { readonly objects: string };

export const requests: Mapping<AccessRequest, RequestColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    recording: columns.recording,
    requester: columns.requester,
    purpose: columns.purpose,
    objects: listIn(columns.objects),
    minutes: columns.minutes,
    state: columns.state,
    version: columns.version,
    created: columns.created,
    expires: columns.expires,
    approvalsNeeded: columns.approvalsNeeded,
    policy: columns.policy,
    words: columns.words,
    mac: columns.mac,
  }),
  toColumns: (request) => ({
    tenant: request.tenant,
    id: request.id,
    recording: request.recording,
    requester: request.requester,
    purpose: request.purpose,
    objects: listColumn(request.objects),
    minutes: request.minutes,
    state: request.state,
    version: request.version,
    created: request.created,
    expires: request.expires,
    approvalsNeeded: request.approvalsNeeded,
    policy: request.policy,
    words: request.words,
    mac: request.mac,
  }),
};

export type DecisionColumns = Omit<Decision, 'objects'> & { readonly objects: string | null };

/** Decisions are inserted and never changed. */
export const decisions = {
  toNoun: (columns: DecisionColumns): Decision => ({
    tenant: columns.tenant,
    request: columns.request,
    approver: columns.approver,
    decision: columns.decision,
    at: columns.at,
    words: columns.words,
    minutes: columns.minutes,
    objects: columns.objects === null ? null : listIn(columns.objects),
    opensUntil: columns.opensUntil,
    extendMinutes: columns.extendMinutes,
    mac: columns.mac,
  }),
  toColumns: (decision: Decision): DecisionColumns => ({
    tenant: decision.tenant,
    request: decision.request,
    approver: decision.approver,
    decision: decision.decision,
    at: decision.at,
    words: decision.words,
    minutes: decision.minutes,
    objects: decision.objects === null ? null : listColumn(decision.objects),
    opensUntil: decision.opensUntil,
    extendMinutes: decision.extendMinutes,
    mac: decision.mac,
  }),
};

export type GrantColumns = Omit<Grant, 'objects'> & { readonly objects: string };

export const grants: Mapping<Grant, GrantColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    request: columns.request,
    recording: columns.recording,
    person: columns.person,
    purpose: columns.purpose,
    objects: listIn(columns.objects),
    state: columns.state,
    version: columns.version,
    approved: columns.approved,
    expires: columns.expires,
    uses: columns.uses,
    usesLeft: columns.usesLeft,
    minutes: columns.minutes,
    opensUntil: columns.opensUntil,
    started: columns.started,
    extendMinutes: columns.extendMinutes,
    extended: columns.extended,
    revokedAt: columns.revokedAt,
    revokedBy: columns.revokedBy,
    revokedWords: columns.revokedWords,
    mac: columns.mac,
  }),
  toColumns: (grant) => ({
    tenant: grant.tenant,
    id: grant.id,
    request: grant.request,
    recording: grant.recording,
    person: grant.person,
    purpose: grant.purpose,
    objects: listColumn(grant.objects),
    state: grant.state,
    version: grant.version,
    approved: grant.approved,
    expires: grant.expires,
    uses: grant.uses,
    usesLeft: grant.usesLeft,
    minutes: grant.minutes,
    opensUntil: grant.opensUntil,
    started: grant.started,
    extendMinutes: grant.extendMinutes,
    extended: grant.extended,
    revokedAt: grant.revokedAt,
    revokedBy: grant.revokedBy,
    revokedWords: grant.revokedWords,
    mac: grant.mac,
  }),
};
