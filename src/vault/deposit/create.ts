// A new deposit: claimed, sealed part by part, committed, finished, and only then acknowledged.
import { newId } from '../../bytes/ids.ts';
import { hasCode, VaultError } from '../../errors.ts';
import { channelParties, withoutUndefined } from '../../model/facts.ts';
import type { Recording } from '../../model/recording.ts';
import { actorOf } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import { bindSource } from '../core/sources/source-binding.ts';
import { activeTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { makeDataKey } from '../core/wrapped-keys/data-keys.ts';
import { claimDeposit } from './claim.ts';
import type { DepositResult, DepositRules, IncomingDeposit, KeyedDeposit } from './deposit-types.ts';
import { depositOnePart, fitsOnePart } from './one-part.ts';
import { requireDepositor } from './require-depositor.ts';
import { type DescribedDeposit, runDeposit } from './run-deposit.ts';
import { type BodyFacts, digestsOf } from './upload-bytes.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

/** Creates the deposit, of the existing recording or of a new one. Throws as `deposit`. */
export async function createDeposit(
  vault: Deps,
  incoming: IncomingDeposit,
  existing: Recording | null,
  request: RequestContext,
): Promise<DepositResult> {
  let { tenant } = incoming;
  for (;;) {
    try {
      return await startDeposit(vault, { ...incoming, tenant }, existing?.id ?? newId('rec'), request);
    } catch (error) {
      if (!hasCode(error, 'upload_in_progress') || fitsOnePart(incoming.body)) throw toRetryableError(error);
      // Not the row that the credential check read: it may be the one that is too old.
      const current = await activeTenant(vault, tenant.tenant, { signal: request.signal });
      if (current.wrap === tenant.wrap) throw error;
      // The tenant's key was rotated before the claim: no byte of the body was read yet, so a new data key suffices.
      tenant = current;
    }
  }
}

async function startDeposit(
  vault: Deps,
  incoming: IncomingDeposit,
  recording: string,
  request: RequestContext,
): Promise<DepositResult> {
  const id = newId('dep');
  const key = await makeDataKey(vault, incoming.tenant, { recording, id }, request);
  try {
    const keyed = { ...incoming, recording, deposit: id, key };
    const rules = uploaderRules(vault, incoming);
    const run = fitsOnePart(incoming.body) ? depositOnePart : depositInParts;
    const { facts, kept, receipt } = await run(vault, keyed, rules, request);
    const summary = { recording, deposit: id, object: incoming.name, size: facts.size };
    return {
      ...summary,
      sha256: facts.sha256.toString('hex'),
      ...(kept.length === 0 ? {} : { kept }),
      created: true,
      receipt,
    };
  } finally {
    key.dataKey.zero();
  }
}

/** A body of more than one part, or of unknown length, which may arrive for hours: claimed before it is read. */
async function depositInParts(
  vault: Deps,
  keyed: KeyedDeposit,
  rules: DepositRules,
  request: RequestContext,
): Promise<DescribedDeposit> {
  const { tenant, type, body, key, by } = keyed;
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  const { row, kept } = await claimDeposit(vault, keyed, metadataKey, request);
  const claimed = { tenant, type, body, key, row, by: actorOf(by), ...rules };
  return { ...(await runDeposit(vault, claimed, request)), kept };
}

/**
 * Errors of concurrent uploads as retryable ones, never 409 or 500: some uploaders take a 409 for "already stored" and
 * delete their file.
 */
function toRetryableError(error: unknown): unknown {
  if (hasCode(error, 'conflict')) {
    return new VaultError('upload_in_progress', 'this object is being deposited', { cause: error, retryAfter: 1 });
  }
  if (!hasCode(error, 'blob_missing', 'blob_exists')) return error;
  return new VaultError('store_unavailable', 'a concurrent change removed what was being stored', {
    cause: error,
    retryAfter: 5,
  });
}

/** An uploader's permission to commit, which binds the source to it, and the facts that its deposit adds. */
function uploaderRules(
  { boundSources }: Pick<Deps, 'boundSources'>,
  { by, tenant, target, name: object }: IncomingDeposit,
): DepositRules {
  return {
    mayCommit: async (tx) => {
      // Sent together.
      await Promise.all([
        requireDepositor(tx, by),
        'metadata' in target ? bindSource(tx, tenant, by, target.metadata.source, boundSources) : undefined,
      ]);
    },
    factsFrom: (recordingFacts, measured) => withMeasuredFacts(recordingFacts, object, measured),
  };
}

/** The recording's facts, with those measured from this deposit's bytes. */
function withMeasuredFacts(
  recordingFacts: Readonly<Record<string, unknown>>,
  object: string,
  facts: BodyFacts,
): object {
  const audio =
    object === 'audio'
      ? withoutUndefined({
          duration_ms: facts.durationMs ?? undefined,
          channels: channelParties(facts.channels ?? undefined),
        })
      : {};
  return { ...recordingFacts, ...audio, sha256: digestsOf(object, facts) };
}
