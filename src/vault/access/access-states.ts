// Recordings with the caller's access state, many at once, in a handful of queries.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Decision } from '../../model/access.ts';
import { decidingFacts } from '../../model/access-checks.ts';
import { type AccessState, accessStateOf, assignedStateOf } from '../../model/access-state.ts';
import type { Caller } from '../../model/principal.ts';
import type { RecordingSummary } from '../../model/recording.ts';
import { requiresTraining } from '../../model/training.ts';
import type { Rows } from '../../ports/database.ts';
import type { CurrentRequest } from '../../ports/rows/access-rows.ts';
import type { LookRows } from '../../ports/rows/look-rows.ts';
import { groupBy } from '../core/group-by.ts';
import { type RecordingView, recordingViews } from '../core/objects/recording-view.ts';
import { readNames } from '../core/personal/names.ts';
import { policyOf } from '../core/policy/policy-in-force.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import { reasonOfDecision, reasonOfRevocation } from './sealed-notes.ts';

/** An access state with the name of the person who decided, and the reason of a denial or a revocation. */
export type AccessStateView = AccessState & { readonly decider: string | null; readonly reason: string | null };

/** A recording with the caller's access state. */
export type ListedRecording = RecordingView & { readonly access: AccessStateView };

/**
 * The views of these recordings, in the same order, with the caller's access state. `look` is the caller's tenant with its
 * policy. Throws as `activeTenant`, `integrity`.
 */
export async function listedRecordings(
  rows: Rows,
  metadataKey: SecretKey,
  by: Pick<Caller, 'tenant' | 'principal' | 'roles'>,
  look: Awaited<ReturnType<LookRows['policy']>>,
  recordings: readonly RecordingSummary[],
): Promise<ListedRecording[]> {
  const tenant = requireActive(look?.tenant ?? null);
  const { policy } = policyOf(metadataKey, look?.policy ?? null);
  const now = await rows.now();
  const ids = recordings.map(({ id }) => id);
  const [views, current, assigned] = await Promise.all([
    recordingViews(rows, metadataKey, recordings),
    rows.access.currentRequests(by.tenant, by.principal, ids, now),
    rows.batches.usable(by.tenant, by.principal, ids, now),
  ]);
  const asked = current.map(({ request }) => request.id);
  const decisions = groupBy(await rows.access.decisionsOf(by.tenant, asked), ({ request }) => request);
  const assignedOf = new Map(assigned.map(({ recording, ...grant }) => [recording, grant]));
  const byRecording = new Map(current.map((one) => [one.request.recording, one]));
  const trained = requiresTraining(policy) ? await rows.principals.find(by.tenant, by.principal) : null;
  const person = { roles: by.roles, trainedUntil: trained?.trainedUntil ?? null };
  const states = views.map(({ recording, facts }) => {
    const { request, grant } = byRecording.get(recording.id) ?? NO_REQUEST;
    const decided = decisions.get(request?.id ?? '') ?? [];
    const context = { tenant, recording, ...decidingFacts(facts), policy, person };
    const state = accessStateOf(context, { request, grant, decisions: decided }, now);
    const own = assignedOf.get(recording.id);
    // What an approved request opens comes first.
    if (own !== undefined && state.state !== 'listen') return { ...assignedStateOf(context, own, now), reason: null };
    return { ...state, reason: reasonOf(metadataKey, grant, decided.at(-1)) };
  });
  const deciders = states.flatMap(({ decidedBy }) => decidedBy ?? []);
  const names = await readNames(rows, metadataKey, by.tenant, deciders);
  return views.flatMap((view, n) => {
    const state = states[n];
    if (state === undefined) return [];
    return { ...view, access: { ...state, decider: names.get(state.decidedBy ?? '') ?? null } };
  });
}

const NO_REQUEST = { request: null, grant: null };

function reasonOf(metadataKey: SecretKey, grant: CurrentRequest['grant'], last: Decision | undefined): string | null {
  if (grant !== null) return reasonOfRevocation(metadataKey, grant);
  return last === undefined ? null : reasonOfDecision(metadataKey, last);
}
