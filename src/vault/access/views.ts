// Views of requests and grants, with names, reasons and recordings, read for many of them at once.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { AccessRequest, Decision, Grant } from '../../model/access.ts';
import type { Rows } from '../../ports/database.ts';
import { type RecordingView, recordingViewsById } from '../core/objects/recording-view.ts';
import { readNames } from '../core/personal/names.ts';
import { openSealedNote, reasonOfDecision, reasonOfRevocation } from './sealed-notes.ts';

/** A person by id, with the name where it can be opened. */
export type PersonRef = { readonly id: string; readonly name: string | null };

export type GrantView = {
  readonly grant: Grant;
  readonly holder: string | null;
  readonly revoked: { readonly at: string; readonly by: PersonRef; readonly reason: string | null } | null;
  readonly recording: RecordingView | null;
};

export type DecisionView = {
  readonly decision: Decision;
  readonly name: string | null;
  readonly reason: string | null;
};

export type RequestView = {
  readonly request: AccessRequest;
  readonly requester: string | null;
  readonly reason: string;
  readonly ticket: string | null;
  readonly decisions: readonly DecisionView[];
  readonly grant: GrantView | null;
  readonly recording: RecordingView | null;
};

type ViewContext = {
  readonly metadataKey: SecretKey;
  readonly names: ReadonlyMap<string, string>;
  readonly recordings: ReadonlyMap<string, RecordingView>;
};

/** The views of requests of one tenant. */
export async function requestViews(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  requests: readonly AccessRequest[],
): Promise<RequestView[]> {
  const ids = requests.map(({ id }) => id);
  const decisions = await rows.access.decisionsOf(tenant, ids);
  const grants = await rows.access.grantsOf(tenant, ids);
  const people = [...requests.map(({ requester }) => requester), ...decisions.map(({ approver }) => approver)];
  const beside = await viewContext(rows, metadataKey, tenant, requests, [...people, ...grants.flatMap(revoker)]);
  return requests.map((request) => {
    const grant = grants.find((one) => one.request === request.id);
    // A recording's erasure erases the reasons of its requests.
    const words = openSealedNote<{ reason?: string; ticket?: string }>(metadataKey, tenant, request.id, request.words);
    return {
      request,
      requester: beside.names.get(request.requester) ?? null,
      reason: words.reason ?? '',
      ticket: words.ticket ?? null,
      decisions: decisions.filter((one) => one.request === request.id).map((one) => decisionView(beside, one)),
      grant: grant === undefined ? null : grantView(beside, grant),
      recording: beside.recordings.get(request.recording) ?? null,
    };
  });
}

/** The views of grants of one tenant. */
export async function grantViews(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  grants: readonly Grant[],
): Promise<GrantView[]> {
  const people = [...grants.map(({ person }) => person), ...grants.flatMap(revoker)];
  const beside = await viewContext(rows, metadataKey, tenant, grants, people);
  return grants.map((grant) => grantView(beside, grant));
}

function revoker({ revokedBy }: Grant): string[] {
  return revokedBy === null ? [] : [revokedBy];
}

async function viewContext(
  rows: Rows,
  metadataKey: SecretKey,
  tenant: string,
  of: readonly { readonly recording: string }[],
  people: readonly string[],
): Promise<ViewContext> {
  const ids = of.map(({ recording }) => recording);
  return {
    metadataKey,
    names: await readNames(rows, metadataKey, tenant, people),
    recordings: await recordingViewsById(rows, metadataKey, tenant, ids),
  };
}

function decisionView({ metadataKey, names }: ViewContext, decision: Decision): DecisionView {
  return { decision, name: names.get(decision.approver) ?? null, reason: reasonOfDecision(metadataKey, decision) };
}

function grantView({ metadataKey, names, recordings }: ViewContext, grant: Grant): GrantView {
  const { revokedAt, revokedBy } = grant;
  const reason = reasonOfRevocation(metadataKey, grant);
  const by = revokedBy === null ? null : { id: revokedBy, name: names.get(revokedBy) ?? null };
  return {
    grant,
    holder: names.get(grant.person) ?? null,
    revoked: revokedAt === null || by === null ? null : { at: revokedAt, by, reason },
    recording: recordings.get(grant.recording) ?? null,
  };
}
