// A tenant's new key, its move to a given key, and the end of older generations, once another person confirmed it.
import type { Actor } from '../../model/audit-event.ts';
import type { KeyBody } from '../../model/change/command.ts';
import { type CarriedOut, type CarryOutOptions, marksAtOnce, permitAct } from '../changes/carry-out.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { moveToKey, moveToNewKey, requireProvenKey } from '../keys/move-key.ts';
import { requireRetirable, retireKeys } from '../keys/retire.ts';
import { type RotationDeps, type RotationResult, tenantWithKey } from '../keys/rotation.ts';

/**
 * Moves a tenant to the named key, or to a new one where that is null; or opens a change, once the key is proven. Throws
 * as `moveToKey`, `moveToNewKey` and `carryOut`.
 */
export async function moveKeyByCommand(
  vault: RotationDeps,
  by: Actor,
  { tenant: id, key: named }: { readonly tenant: string; readonly key: string | null },
  options: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<KeyBody, RotationResult>> {
  const tenant = await tenantWithKey(vault, id, request);
  const key = named === null ? null : (await requireProvenKey(vault, tenant, named, request)).id;
  const how = key === null ? 'new-key' : 'given-key';
  const body: KeyBody = { v: 1, kind: 'key', how, wrap: tenant.wrap + 1, key };
  const permitted = await permitAct(vault, by, id, body, options, request);
  if (!permitted.done) return permitted;
  const { permit } = permitted;
  const result =
    named === null
      ? await moveToNewKey(vault, by, id, request, permit)
      : await moveToKey(vault, by, id, named, request, permit);
  return { done: true, body, result };
}

/**
 * Retires the generations below a tenant's current one, or opens a change; `onProgress` counts envelopes. Throws as
 * `retireKeys` and `carryOut`.
 */
export async function retireKeysByCommand(
  vault: Pick<Vault, 'db' | 'store' | 'metadataKeys'>,
  by: Actor,
  { tenant: id, onProgress }: { readonly tenant: string; readonly onProgress: (envelopes: number) => void },
  options: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<KeyBody, { readonly minimum: number }>> {
  const { wrap } = await tenantWithKey(vault, id, request);
  // What is proposed is possible; an act checks it itself.
  if (options.change === null && (await marksAtOnce(vault, by, id, options, request)) === null)
    await requireRetirable(vault, id, onProgress, request);
  const body: KeyBody = { v: 1, kind: 'key', how: 'retire', wrap, key: null };
  const permitted = await permitAct(vault, by, id, body, options, request);
  if (!permitted.done) return permitted;
  return { done: true, body, result: await retireKeys(vault, by, id, onProgress, request, permitted.permit) };
}
