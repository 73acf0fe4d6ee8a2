// The doctor's steps for re-wrapping: every call to the key service that a re-wrap makes, with the same credentials.
import { keyContext } from '../../envelope/key-context.ts';
import type { Actor } from '../../model/audit-event.ts';
import { keyOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import { isInsideRewrap, rewrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { describeKeyStep, newestDataKey, openKekStep, openMetadataKeyStep, recordKeyUse } from './key-steps.ts';
import type { DoctorDeps, Step } from './step.ts';

/** The steps for a tenant's key: what a re-wrap does with it, without changing anything. */
export function rewrapKeySteps(vault: DoctorDeps, by: Actor, tenant: Tenant): readonly Step[] {
  const steps = [
    openMetadataKeyStep(vault, tenant),
    describeKeyStep(vault, tenant),
    wrapMetadata(vault, by, tenant),
    wrapIngest(vault, by, tenant),
    rewrapStored(vault, by, tenant),
  ];
  return tenant.volume ? [...steps, openKekStep(vault, tenant)] : steps;
}

/** Wraps the metadata key as a re-wrap would, and opens the result; keeps nothing of it. */
function wrapMetadata(vault: DoctorDeps, by: Actor, tenant: Tenant): Step {
  const run = async (request: RequestContext): Promise<string> => {
    await recordKeyUse(vault, by, tenant, {}, request);
    const key = keyOf(tenant);
    const context = keyContext({ use: 'metadata', tenant: tenant.tenant, wrap: tenant.wrap });
    const metadataKey = await vault.metadataKeys.get(tenant, request);
    const again = await vault.keys.wrap(key, metadataKey, context, request);
    (await vault.keys.unwrap({ ...key, ...again }, context, request)).zero();
    return 'opened';
  };
  return { name: 'wrap the metadata key again', run };
}

/** Wraps the current ingest key as a re-wrap would, and opens the result; keeps nothing of it. */
function wrapIngest(vault: DoctorDeps, by: Actor, tenant: Tenant): Step {
  const run = async (request: RequestContext) => {
    const row = await vault.db.read((rows) => rows.ingestKeys.current(tenant.tenant), request);
    if (row === null) return { skipped: 'there is no ingest key yet' };
    await recordKeyUse(vault, by, tenant, {}, request);
    const key = keyOf(tenant);
    const context = keyContext({ use: 'ingest', tenant: tenant.tenant, wrap: tenant.wrap });
    const again = await vault.keys.wrap(key, await vault.ingestKeys.get(tenant, row.id, request), context, request);
    (await vault.keys.unwrap({ ...key, ...again }, context, request)).zero();
    return 'opened';
  };
  return { name: 'wrap the ingest key again', run };
}

/** Re-wraps the data key of the newest recording and discards the result. */
function rewrapStored(vault: DoctorDeps, by: Actor, tenant: Tenant): Step {
  const run = async (request: RequestContext) => {
    const found = await newestDataKey(vault, tenant, request);
    if (found === null) return { skipped: 'there is no recording yet' };
    const { recording, deposit } = found;
    if (isInsideRewrap(vault, tenant, found)) {
      await rewrapDataKey(vault, tenant, found, request);
      return 'inside the key service';
    }
    await recordKeyUse(vault, by, tenant, { recording, deposit }, request);
    await rewrapDataKey(vault, tenant, found, request);
    return 'in this process';
  };
  return { name: 're-wrap a recording’s key', run };
}
