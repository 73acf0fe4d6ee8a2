// The check of a deposit: rows, blob and envelope against each other, while concurrent updates may change them.
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

/** The tenant, and the function that counts each use of a key before it. */
export type VerifyContext = { readonly tenant: Tenant; readonly counted: () => Promise<void> };

const LOOKS = 3;

/** Compares what can be compared without a key. Throws the errors of the store and the database. */
export function checkWithoutKey(
  vault: Deps,
  checking: VerifyContext,
  found: DepositSnapshot,
  request: RequestContext,
): Promise<Finding[]> {
  return untilUnchanged(vault, found, (snapshot) => findingsOf(vault, checking, snapshot, false, request), request);
}

/** Also opens the envelope and every chunk. Throws the transient errors of store, database and key service. */
export function checkByOpening(
  vault: Deps,
  checking: VerifyContext,
  found: DepositSnapshot,
  request: RequestContext,
): Promise<Finding[]> {
  const check = async (snapshot: DepositSnapshot): Promise<Finding[]> => {
    const findings = await findingsOf(vault, checking, snapshot, true, request);
    if (findings.length === 0) {
      const now = new Date(vault.clock.now()).toISOString();
      await vault.db.note((notes) => notes.deposits.setVerified(snapshot.deposit, now), request);
    }
    return findings;
  };
  return untilUnchanged(vault, found, check, request);
}

/**
 * Repeats a check where a concurrent update changed the deposit meanwhile: one that is no longer AVAILABLE has no
 * findings.
 */
async function untilUnchanged(
  vault: Deps,
  found: DepositSnapshot,
  check: (snapshot: DepositSnapshot) => Promise<Finding[]>,
  request: RequestContext,
): Promise<Finding[]> {
  let snapshot = found;
  for (let look = 1; ; look++) {
    const findings = await check(snapshot);
    if (findings.length === 0) return findings;
    const now = await rereadSnapshot(vault, snapshot.deposit, request);
    if (now === null) return [];
    if (isUnchanged(snapshot, now) || look === LOOKS) return findings;
    snapshot = now;
  }
}

async function findingsOf(
  vault: Deps,
  checking: VerifyContext,
  snapshot: DepositSnapshot,
  whole: boolean,
  request: RequestContext,
): Promise<Finding[]> {
  const { deposit, object, beside, key } = snapshot;
  const of = {
    tenant: deposit.tenant,
    recording: deposit.recording,
    deposit: deposit.id,
    object: deposit.object,
  };
  if (object === null || key === null)
    return [{ kind: 'row_incomplete', ...of, why: object === null ? 'object' : 'key' }];
  const findings: Finding[] = [];
  const lent = lender(vault, checking, snapshot, request);
  try {
    if (whole && (await lent.lend()) === null) findings.push({ kind: 'key_refused', ...of });
    const place = locationOf(checking.tenant);
    const fault = await checkEnvelope(vault, place, snapshot, whole ? lent.lend : null, request);
    if (fault !== null) findings.push({ ...fault, ...of });
    const digest = whole ? await digestOf(vault, checking, snapshot, request) : null;
    const check = { place, object: storedObjectIn(snapshot, object), digest, whole: digest !== null, key: lent.lend };
    const kind = await checkBlob(vault, check, request);
    if (kind !== null) findings.push({ kind, ...of });
    for (const one of beside) {
      const stored = storedObjectIn(snapshot, one);
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

/** Lends the data key: unwrapped on first use, and counted before. */
function lender(
  vault: Deps,
  { tenant, counted }: VerifyContext,
  { deposit, key }: DepositSnapshot,
  request: RequestContext,
) {
  let unwrapped: Promise<SecretKey | null> | null = null;
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
    unwrapped ??= ask();
    return unwrapped;
  };
  const end = (): void => {
    unwrapped?.then(
      (dataKey) => dataKey?.zero(),
      () => undefined,
    );
  };
  return { lend, end };
}
