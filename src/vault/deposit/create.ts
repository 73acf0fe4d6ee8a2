// A new deposit: claimed, sealed part by part, committed, finished, and only then acknowledged.
import { newId } from '../../bytes/ids.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { channelParties, withoutUndefined } from '../../model/facts.ts';
import type { Caller } from '../../model/principal.ts';
import type { Recording } from '../../model/recording.ts';
import type { Transaction } from '../../ports/database.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { makeDataKey } from '../core/wrapped-keys/data-keys.ts';
import { claimDeposit } from './claim.ts';
import type { ClaimedDeposit, DepositResult, IncomingDeposit } from './deposit-types.ts';
import { runDeposit } from './run-deposit.ts';
import { type BodyFacts, digestsOf } from './upload-bytes.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

/** Makes the deposit, of the recording that stands there or of a new one. Throws what `deposit` does. */
export async function createDeposit(
  vault: Deps,
  one: IncomingDeposit,
  there: Recording | null,
  request: RequestContext,
): Promise<DepositResult> {
  let { tenant } = one;
  for (;;) {
    try {
      return await startDeposit(vault, { ...one, tenant }, there?.id ?? newId('rec'), request);
    } catch (error) {
      if (!hasCode(error, 'upload_in_progress')) throw toRetryableError(error);
      const now = await activeTenant(vault, tenant.tenant, request);
      if (now.wrap === tenant.wrap) throw error;
      // The key turned before the claim: no byte of the body was taken yet, and a data key under the new one will do.
      tenant = now;
    }
  }
}

async function startDeposit(
  vault: Deps,
  one: IncomingDeposit,
  recording: string,
  request: RequestContext,
): Promise<DepositResult> {
  const id = newId('dep');
  const key = await makeDataKey(vault, one.tenant, { recording, id }, request);
  try {
    const metadataKey = await vault.metadataKeys.get(one.tenant, request);
    const row = await claimDeposit(vault, { ...one, recording, deposit: id, key }, metadataKey, request);
    const { tenant, type, body, by } = one;
    const claimed = { tenant, type, body, key, row, by: actorOf(by), ...uploaderRules(by, row.object) };
    const { facts, receipt } = await runDeposit(vault, claimed, request);
    const told = { recording, deposit: id, object: row.object, size: facts.size };
    return { ...told, sha256: facts.sha256.toString('hex'), created: true, receipt };
  } finally {
    key.dataKey.zero();
  }
}

/** Never a 409 or a 500 for what another try did: some uploaders take a 409 for "already there" and delete their file. */
function toRetryableError(error: unknown): unknown {
  if (hasCode(error, 'conflict')) {
    return new VaultError('upload_in_progress', 'this object is being deposited', { cause: error, retryAfter: 1 });
  }
  if (!hasCode(error, 'blob_missing', 'blob_exists')) return error;
  return new VaultError('store_unavailable', 'what was being stored is gone', { cause: error, retryAfter: 5 });
}

/** What an uploader may, and what it and the bytes tell of the call. */
function uploaderRules(by: Caller, object: string): Pick<ClaimedDeposit, 'mayCommit' | 'factsFrom'> {
  return {
    mayCommit: async (tx) => {
      if (await isDeactivated(tx, by)) throw new VaultError('forbidden', 'whoever deposits this may no longer');
    },
    factsFrom: (said, learnt) => withMeasuredFacts(said, object, learnt),
  };
}

async function isDeactivated(tx: Pick<Transaction, 'principals'>, by: Caller): Promise<boolean> {
  const key = by.apiKey === undefined ? null : await tx.principals.apiKey(by.apiKey);
  return key?.state === 'REVOKED' || (await tx.principals.find(by.tenant, by.principal))?.state === 'OFF';
}

/** The facts as they stand, with what this deposit's bytes told. */
function withMeasuredFacts(said: Readonly<Record<string, unknown>>, object: string, facts: BodyFacts): object {
  const audio =
    object === 'audio'
      ? withoutUndefined({
          duration_ms: facts.durationMs ?? undefined,
          channels: channelParties(facts.channels ?? undefined),
        })
      : {};
  return { ...said, ...audio, sha256: digestsOf(object, facts) };
}
