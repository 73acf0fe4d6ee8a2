// The check of how long a recording's row says that it stays, against its envelope and entries.
import { hasCode } from '../../errors.ts';
import { saysEarlier, sealedDue } from '../../model/retention/sealed-lifetime.ts';
import type { RequestContext } from '../core/request-context.ts';
import { rulesInForce } from '../core/retention/rules-in-force.ts';
import { readSealedTruth, type TruthDeps } from '../core/sealed/sealed-truth.ts';
import type { Vault } from '../core/vault.ts';
import type { VerifyContext } from './check-deposit.ts';
import type { Finding } from './finding.ts';

/**
 * The finding of a recording, or null: also where it changed meanwhile, and where its envelope or entries are damaged,
 * which other checks report. Throws the errors of store and key service.
 */
export async function checkLifetime(
  vault: TruthDeps & Pick<Vault, 'metadataKeys'>,
  { tenant: { tenant }, counted }: VerifyContext,
  recording: string,
  request: RequestContext,
): Promise<Finding | null> {
  const row = await vault.db.read((rows) => rows.tenants.find(tenant), request);
  if (row === null) return null;
  const metadataKey = await vault.metadataKeys.get(row, request);
  try {
    const truth = await readSealedTruth(vault, { tenant: row, metadataKey }, recording, request, counted);
    if (truth === null) return null;
    const { found, version } = await vault.db.read(
      async (rows) => ({
        found: await rows.recordings.find(tenant, recording),
        version: await rulesInForce(rows, metadataKey, row),
      }),
      request,
    );
    // What rules were not applied to yet, or was rebuilt and is not released, says nothing.
    if (found?.version !== truth.version || found.ruled !== (version?.id ?? null)) return null;
    if (found.quarantine.includes('rebuilt')) return null;
    const due = sealedDue(version?.rules ?? null, truth.begun, truth.history);
    return saysEarlier(found, due) ? { kind: 'lifetime_differs', tenant, recording } : null;
  } catch (error) {
    if (hasCode(error, 'integrity', 'malformed', 'format_unknown')) return null;
    throw error;
  }
}
