// One deposit: rows, blob and envelope against each other, and against whoever changes them meanwhile.
import { openColumn } from '../../envelope/column.ts';
import type { SecretKey } from '../../envelope/secret-key.ts';
import { hasCode } from '../../errors.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { unwrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { checkBlob, type LendKey } from './check-blob.ts';
import { checkEnvelope } from './check-envelope.ts';
import { type DepositSnapshot, isUnchanged, rereadSnapshot, storedObjectIn } from './deposit-snapshot.ts';
import type { Finding } from './finding.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'metadataKeys' | 'tenantKeks'>;

/** Of which tenant, and how each use of a key is counted before it. */
export type VerifyContext = { readonly tenant: Tenant; readonly counted: () => Promise<void> };

const LOOKS = 3;

/** Compares what can be compared without a key. Throws the errors of the store and the database. */
export function checkWithoutKey(
  vault: Deps,
  checking: VerifyContext,
  found: DepositSnapshot,
  request: RequestContext,
): Promise<Finding[]> {
  return untilUnchanged(vault, found, (standing) => findingsOf(vault, checking, standing, false, request), request);
}

/** Opens the envelope and every chunk besides. Throws the errors of store, database and key service that may pass. */
export function checkByOpening(
  vault: Deps,
  checking: VerifyContext,
  found: DepositSnapshot,
  request: RequestContext,
): Promise<Finding[]> {
  const check = async (standing: DepositSnapshot): Promise<Finding[]> => {
    const findings = await findingsOf(vault, checking, standing, true, request);
    if (findings.length === 0) {
      const now = new Date(vault.clock.now()).toISOString();
      await vault.db.note((notes) => notes.deposits.setVerified(standing.deposit, now), request);
    }
    return findings;
  };
  return untilUnchanged(vault, found, check, request);
}

/** What changed while it was looked at is looked at again: a deposit that went is no finding. */
async function untilUnchanged(
  vault: Deps,
  found: DepositSnapshot,
  check: (standing: DepositSnapshot) => Promise<Finding[]>,
  request: RequestContext,
): Promise<Finding[]> {
  let standing = found;
  for (let look = 1; ; look++) {
    const findings = await check(standing);
    if (findings.length === 0) return findings;
    const now = await rereadSnapshot(vault, standing.deposit, request);
    if (now === null) return [];
    if (isUnchanged(standing, now) || look === LOOKS) return findings;
    standing = now;
  }
}

async function findingsOf(
  vault: Deps,
  checking: VerifyContext,
  standing: DepositSnapshot,
  whole: boolean,
  request: RequestContext,
): Promise<Finding[]> {
  const { deposit, object, beside, key } = standing;
  const of = {
    tenant: deposit.tenant,
    recording: deposit.recording,
    deposit: deposit.id,
    object: deposit.object,
  };
  if (object === null || key === null)
    return [{ kind: 'row_incomplete', ...of, why: object === null ? 'object' : 'key' }];
  const findings: Finding[] = [];
  const lent = lender(vault, checking, standing, request);
  try {
    if (whole && (await lent.lend()) === null) findings.push({ kind: 'key_refused', ...of });
    const place = locationOf(checking.tenant);
    const fault = await checkEnvelope(vault, place, standing, whole ? lent.lend : null, request);
    if (fault !== null) findings.push({ ...fault, ...of });
    const digest = whole ? await digestOf(vault, checking, standing, request) : null;
    const check = { place, object: storedObjectIn(standing, object), digest, whole: digest !== null, key: lent.lend };
    const kind = await checkBlob(vault, check, request);
    if (kind !== null) findings.push({ kind, ...of });
    for (const one of beside) {
      const stored = storedObjectIn(standing, one);
      const kind = await checkBlob(vault, { place, object: stored, digest: null, whole, key: lent.lend }, request);
      if (kind !== null) findings.push({ kind, ...of, object: one.name });
    }
    return findings;
  } finally {
    lent.end();
  }
}

async function digestOf(vault: Deps, { tenant }: VerifyContext, { deposit }: DepositSnapshot, request: RequestContext) {
  if (deposit.digest === null) return null;
  const metadataKey = await vault.metadataKeys.get(tenant, request);
  return openColumn(metadataKey, { tenant: deposit.tenant, row: deposit.id, column: 'digest' }, deposit.digest);
}

/** The data key, asked for once, when it is needed, and counted before. */
function lender(
  vault: Deps,
  { tenant, counted }: VerifyContext,
  { deposit, key }: DepositSnapshot,
  request: RequestContext,
) {
  let asked: Promise<SecretKey | null> | null = null;
  const ask = async (): Promise<SecretKey | null> => {
    if (key === null) return null;
    await counted();
    try {
      return await unwrapDataKey(vault, tenant, deposit, key, request);
    } catch (error) {
      if (hasCode(error, 'key_refused')) return null;
      throw error;
    }
  };
  const lend: LendKey = () => {
    asked ??= ask();
    return asked;
  };
  const end = (): void => {
    asked?.then(
      (dataKey) => dataKey?.zero(),
      () => undefined,
    );
  };
  return { lend, end };
}
