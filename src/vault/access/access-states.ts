// The caller's access state for many recordings, in a handful of queries.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { type AccessState, accessStateOf } from '../../model/access-state.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import type { RecordingView } from '../core/objects/recording-view.ts';
import { readNames } from '../core/personal/names.ts';
import { requireActive } from '../core/tenants/active-tenant.ts';
import { policyOf } from './context.ts';
import { reasonOfDecision, reasonOfRevocation } from './sealed-notes.ts';

/** An access state with the name of the person who decided, and the reason of a denial or a revocation. */
export type AccessStateView = AccessState & { readonly decider: string | null; readonly reason: string | null };

/** A recording with the caller's access state. */
export type ListedRecording = RecordingView & { readonly access: AccessStateView };

/** Adds the caller's access state to each view. Throws as `activeTenant`, `integrity`. */
export async function withAccessStates(
  rows: Rows,
  metadataKey: SecretKey,
  by: Pick<Caller, 'tenant' | 'principal' | 'roles'>,
  views: readonly RecordingView[],
): Promise<ListedRecording[]> {
  const look = await rows.looks.policy(by.tenant);
  const tenant = requireActive(look?.tenant ?? null);
  const person = { roles: by.roles };
  const { policy } = policyOf(metadataKey, look?.policy ?? null);
  const now = await rows.now();
  const ids = views.map(({ recording }) => recording.id);
  const requests = await rows.access.currentRequests(by.tenant, by.principal, ids, now);
  const asked = requests.map(({ id }) => id);
  const grants = await rows.access.grantsOf(by.tenant, asked);
  const decisions = await rows.access.decisionsOf(by.tenant, asked);
  const standings = views.map(({ recording, facts }) => {
    const request = requests.find((one) => one.recording === recording.id) ?? null;
    const grant = grants.find((one) => one.request === request?.id) ?? null;
    const said = decisions.filter((one) => one.request === request?.id);
    const context = { tenant, recording, basis: facts?.basis ?? null, policy, person };
    const standing = accessStateOf(context, { request, grant, decisions: said }, now);
    const last = said.at(-1);
    const reason =
      grant === null
        ? last === undefined
          ? null
          : reasonOfDecision(metadataKey, last)
        : reasonOfRevocation(metadataKey, grant);
    return { ...standing, reason };
  });
  const deciders = standings.flatMap(({ decidedBy }) => (decidedBy === null ? [] : [decidedBy]));
  const names = await readNames(rows, metadataKey, by.tenant, deciders);
  return views.flatMap((view, n) => {
    const standing = standings[n];
    return standing === undefined
      ? []
      : [{ ...view, access: { ...standing, decider: names.get(standing.decidedBy ?? '') ?? null } }];
  });
}
