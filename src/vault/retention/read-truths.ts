// What a batch of expiry reads before its transaction: the rules as the log has them, and what is sealed of its recordings.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode, VaultError } from '../../errors.ts';
import type { RulesInForce } from '../../model/retention/lifetime.ts';
import { inParallel } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import { rulesInForce } from '../core/retention/rules-in-force.ts';
import { logEvidence } from '../core/sealed/log-evidence.ts';
import { heldByStreams } from '../core/sealed/sealed-holds.ts';
import { readSealedTruth, type SealedTruth, type TruthDeps } from '../core/sealed/sealed-truth.ts';

/** What a batch is of: candidates by their rows, at most 100 a list. */
export type ExpiryBatch = {
  readonly tenant: string;
  readonly metadataKey: SecretKey;
  readonly candidates: readonly string[];
};

/** The rules in force, what is sealed of each recording, and those that a hold's stream holds. */
type Truths = {
  readonly rules: RulesInForce | null;
  readonly truths: ReadonlyMap<string, SealedTruth | 'damaged'>;
  readonly held: ReadonlySet<string>;
};

/** Envelopes read at a time. */
const AT_ONCE = 8;

/** Null for a tenant that was deleted or suspended. Throws as `expireBatch`. */
export async function readTruths(
  vault: TruthDeps,
  { tenant: id, metadataKey, candidates }: ExpiryBatch,
  request: RequestContext,
): Promise<Truths | null> {
  const found = await vault.db.read(async (rows) => {
    const tenant = await rows.tenants.find(id);
    return tenant?.state === 'ACTIVE' ? { tenant, rules: await rulesInForce(rows, metadataKey, tenant) } : null;
  }, request);
  if (found === null) return null;
  const { tenant, rules } = found;
  const evidence = logEvidence(vault, id, metadataKey, request);
  if (rules !== null && !(await evidence.ofRules(rules)))
    throw new VaultError('integrity', 'the log does not have the retention rules in force: nothing expires by them');
  const held = await heldByStreams(vault, id, metadataKey, evidence, candidates, request);
  const truths = new Map<string, SealedTruth | 'damaged'>();
  await inParallel([...candidates], AT_ONCE, async (recording) => {
    try {
      const truth = await readSealedTruth(vault, { tenant, metadataKey }, recording, request, undefined, evidence);
      if (truth !== null) truths.set(recording, truth);
    } catch (error) {
      if (!hasCode(error, 'integrity', 'malformed', 'format_unknown')) throw error;
      truths.set(recording, 'damaged');
    }
  });
  return { rules, truths, held };
}
