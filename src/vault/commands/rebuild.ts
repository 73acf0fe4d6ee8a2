// The beginning of a rebuild by an operator's command, once another operator confirmed it.
import { canonicalDigest } from '../../bytes/canonical-json.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { RebuildBody } from '../../model/change/command.ts';
import { type CarriedOut, type CarryOutOptions, carryOut } from '../changes/carry-out.ts';
import { type DeploymentOwner, lockDeployment } from '../changes/owner.ts';
import { bodyOf } from '../changes/sealed-texts.ts';
import { isAppliedByLog } from '../core/authority/logged-change.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { TrustedKeys } from '../offline/trusted-keys.ts';
import { type RebuiltTenant, requireRebuildable } from '../rebuild/tenant.ts';

type Deps = Parameters<typeof requireRebuildable>[0];

/**
 * Notes that a rebuild begins, or opens a change for it. With the change of a run that was interrupted, the same operator
 * may begin again until the approval expires. Throws as `requireRebuildable` and `carryOut`.
 */
export async function beginRebuild(
  vault: Deps & Pick<Vault, 'db'>,
  by: Actor,
  what: RebuiltTenant,
  trusted: TrustedKeys,
  options: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<RebuildBody, null>> {
  await requireRebuildable(vault, what, trusted, request);
  const body = bodyFor(what, trusted);
  if (options.change !== null && (await isInterrupted(vault, by, options.change, body, request)))
    return { done: true, body, result: null };
  return carryOut<RebuildBody, null, DeploymentOwner>(
    vault,
    by,
    {
      tenant: DEPLOYMENT,
      lock: lockDeployment,
      locks: [],
      draft: async () => body,
      act: async (_scope, { tenant, sha256 }, marks) => {
        const began = event(DEPLOYMENT, by, 'vault.rebuilding', { id: tenant, sha256, ...marks }, request);
        return { result: null, events: [began] };
      },
    },
    options,
    request,
  );
}

function bodyFor({ tenant, described }: RebuiltTenant, { keys: given, minimumWrap }: TrustedKeys): RebuildBody {
  const keys = [...new Set(given)].sort();
  const sha256 = canonicalDigest({ keys, minimum_wrap: minimumWrap, described });
  const facts = {
    country: described?.country ?? null,
    default_basis: described?.defaultBasis ?? null,
    approver_age_hours: described?.approverAgeHours ?? null,
  };
  return { v: 1, kind: 'rebuild', tenant, keys, minimum_wrap: minimumWrap, ...facts, sha256 };
}

/** Whether a run on this change began, which the same operator repeats while its approval lasts. */
function isInterrupted(
  { db }: Pick<Vault, 'db'>,
  by: Actor,
  id: string,
  body: RebuildBody,
  request: RequestContext,
): Promise<boolean> {
  return db.read(async (rows) => {
    const change = await rows.changes.find(DEPLOYMENT, id);
    if (change?.state !== 'APPLIED' || change.kind !== 'rebuild' || change.proposer !== by.id) return false;
    if (!(await isAppliedByLog(rows, change, await rows.now()))) return false;
    return canonicalDigest(bodyOf(null, change)) === canonicalDigest(body);
  }, request);
}
