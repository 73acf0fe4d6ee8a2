// Verifying a tenant: blobs, envelopes and rows against each other, and the chunks of a sample or of all.
import { randomInt } from 'node:crypto';
import { hasCode } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { inParallel } from '../core/concurrency.ts';
import { countKeyUse, serialized } from '../core/events/count-events.ts';
import { event, writeEvent } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { countWrappedKeys } from '../core/wrapped-keys/census-lines.ts';
import { checkAmendments } from './check-amendments.ts';
import { checkByOpening, checkWithoutKey, type VerifyContext } from './check-deposit.ts';
import { checkIngestKeys } from './check-ingest-keys.ts';
import { checkKeks } from './check-keks.ts';
import { checkLifetime } from './check-lifetime.ts';
import { checkLog } from './check-log.ts';
import { checkTenantBlob } from './check-tenant.ts';
import { checkTombstones } from './check-tombstones.ts';
import { type DepositSnapshot, readSnapshots } from './deposit-snapshot.ts';
import { type Finding, type FindingKind, isDamage, keepsQuarantine } from './finding.ts';
import { isDamaged, quarantineDamaged, releaseIntact } from './quarantine.ts';
import { findUnknownBlobs } from './unknown-blobs.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'metadataKeys' | 'tenantKeks' | 'settings'>;

export type VerifyOptions = {
  /** How many deposits are opened chunk by chunk; Infinity for all. */
  readonly sample: number;
  /** Whether recordings that do not open are quarantined, and those that open again are released. */
  readonly quarantine: boolean;
  /** Logs whose heads had another time than their newest event, and were set right before this could compare them. */
  readonly setRight?: ReadonlySet<string>;
};

/** Progress callbacks: the number of steps, each step, and each finding. */
export type VerifyListener = {
  readonly total: (steps: number) => void;
  readonly step: (steps: number) => void;
  readonly found: (finding: Finding) => void;
};

/** The counts. `notChecked`: store or key service did not answer. */
export type VerifyResult = {
  readonly tenant: string;
  readonly deposits: number;
  readonly opened: number;
  readonly notChecked: number;
  readonly quarantined: number;
  /** In quarantine before, and intact again. */
  readonly released: number;
  readonly findings: number;
  readonly kinds: Readonly<Partial<Record<FindingKind, number>>>;
};

const BATCH = 100;
const AT_ONCE = 8;

/**
 * Verifies one tenant and writes one event with the counts. A finding changes nothing, except where recordings are to
 * be quarantined. Throws the database's errors, and the signal's reason.
 */
export async function verifyTenantData(
  vault: Deps,
  by: Actor,
  tenant: Tenant,
  options: VerifyOptions,
  listener: VerifyListener,
  request: RequestContext,
): Promise<VerifyResult> {
  const counted = serialized(() => countKeyUse(vault, tenant.tenant, by, 'verify', request));
  const run = newVerifyRun(vault, by, { tenant, counted }, options, listener, request);
  const lines = await countWrappedKeys(vault, tenant.tenant, request);
  const available = lines.filter(({ state }) => state === 'AVAILABLE').reduce((sum, { keys }) => sum + keys, 0);
  const opens = Math.min(options.sample, available);
  listener.total(1 + available + (opens === available ? 0 : opens));

  await run.guard(async () => {
    const finding = await checkTenantBlob(vault, tenant, request);
    if (finding !== null) await run.found([finding]);
    // A store without tenant.json is missing or another one: what it lacks says nothing of the recordings.
    if (finding?.kind === 'tenant_blob_missing') run.setNothingAside();
  });
  await run.guard(async () => run.found(await checkKeks(vault, tenant, request)));
  await run.guard(async () => run.found(await checkIngestKeys(vault, tenant, counted, request)));
  await run.guard(() => checkTombstones(vault, tenant, run.found, request));
  await checkAll(vault, run, tenant, opens, available, request);
  await run.guard(() => findUnknown(vault, run, tenant, request));
  const unchecked = run.counts.notChecked;
  await run.guard(() => checkAmendments(vault, tenant, run.guard, run.found, request));
  await checkLog(vault, tenant, run.found, request);
  if (options.setRight?.has(tenant.tenant)) await run.found([{ kind: 'mark_differs', tenant: tenant.tenant }]);
  // A stream that was not read may be the reason of a quarantine.
  if (run.counts.notChecked === unchecked) await run.release();

  const { counts } = run;
  const kinds: Partial<Record<FindingKind, number>> = Object.fromEntries([...run.kinds].sort());
  const findings = [...run.kinds.values()].reduce((sum, n) => sum + n, 0);
  const object = {
    id: tenant.tenant,
    deposits: counts.deposits,
    opened: counts.opened,
    not_checked: counts.notChecked,
    quarantined: counts.quarantined,
    released: counts.released,
    findings,
    ...kinds,
  };
  await writeEvent(vault, event(tenant.tenant, by, 'vault.verified', object, request), request);
  return { tenant: tenant.tenant, ...counts, findings, kinds };
}

type VerifyRun = ReturnType<typeof newVerifyRun>;

function newVerifyRun(
  vault: Deps,
  by: Actor,
  checking: VerifyContext,
  options: VerifyOptions,
  listener: VerifyListener,
  request: RequestContext,
) {
  const kinds = new Map<FindingKind, number>();
  const counts = { deposits: 0, opened: 0, notChecked: 0, quarantined: 0, released: 0 };
  const seen = new Set<string>();
  let setsAside = options.quarantine;
  const found = async (findings: readonly Finding[]): Promise<void> => {
    for (const finding of findings) {
      // A finding of the first check is found again when the deposit is opened.
      const { kind, recording: of, deposit, object, path, subject, n, index } = finding;
      const name = JSON.stringify([kind, of, deposit, object, path, subject, n, index]);
      if (seen.has(name)) continue;
      seen.add(name);
      kinds.set(finding.kind, (kinds.get(finding.kind) ?? 0) + 1);
      listener.found(finding);
      const { recording, tenant } = finding;
      if (recording !== undefined && keepsQuarantine(finding)) intact.delete(recording);
      if (!setsAside || recording === undefined || !isDamage(finding)) continue;
      if (await quarantineDamaged(vault, by, tenant, recording, request)) counts.quarantined += 1;
    }
  };
  /** Counts work as not checked where store or key service do not answer, and continues. */
  const guard = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      request.signal.throwIfAborted();
      if (!hasCode(error, 'store_unavailable', 'key_service_unavailable', 'key_refused')) throw error;
      counts.notChecked += 1;
    }
  };
  /** Deposits that opened, of recordings that are in quarantine. */
  const intact = new Map<string, Set<string>>();
  const opened = async ({ recording, id }: Deposit, findings: readonly Finding[]): Promise<void> => {
    counts.opened += 1;
    if (!setsAside || findings.some(isDamage)) return;
    const row = await vault.db.read((rows) => rows.recordings.find(checking.tenant.tenant, recording), request);
    if (row === null || !isDamaged(row)) return;
    intact.set(recording, (intact.get(recording) ?? new Set<string>()).add(id));
  };
  const release = async (): Promise<void> => {
    for (const [recording, deposits] of intact) {
      if (await releaseIntact(vault, by, checking.tenant.tenant, recording, deposits, request)) counts.released += 1;
    }
  };
  const setNothingAside = (): void => {
    setsAside = false;
  };
  return { checking, listener, kinds, counts, found, guard, opened, release, setNothingAside };
}

async function checkAll(
  vault: Deps,
  run: VerifyRun,
  tenant: Tenant,
  opens: number,
  available: number,
  request: RequestContext,
): Promise<void> {
  const all = opens === available;
  const sample: DepositSnapshot[] = [];
  for (let after = ''; ; ) {
    const from = after;
    const batch = await vault.db.read(
      async (rows) => readSnapshots(rows, await rows.deposits.availableAfter(tenant.tenant, from, BATCH)),
      request,
    );
    const last = batch.at(-1);
    if (last === undefined) break;
    await inParallel(batch, AT_ONCE, async (snapshot) => {
      request.signal.throwIfAborted();
      run.counts.deposits += 1;
      if (!all) draw(sample, opens, run.counts.deposits, snapshot);
      await run.guard(() => (all ? open(vault, run, snapshot, request) : look(vault, run, snapshot, request)));
      run.listener.step(1);
    });
    after = last.deposit.id;
  }
  if (all) return;
  await inParallel(sample, AT_ONCE, async (snapshot) => {
    request.signal.throwIfAborted();
    await run.guard(() => open(vault, run, snapshot, request));
    run.listener.step(1);
  });
}

/** Reservoir sampling: each deposit is equally likely to be in the sample, however many there are. */
function draw(sample: DepositSnapshot[], size: number, seen: number, snapshot: DepositSnapshot): void {
  if (sample.length < size) sample.push(snapshot);
  else {
    const at = randomInt(seen);
    if (at < size) sample[at] = snapshot;
  }
}

async function look(vault: Deps, run: VerifyRun, snapshot: DepositSnapshot, request: RequestContext): Promise<void> {
  await run.found(await checkWithoutKey(vault, run.checking, snapshot, request));
}

async function open(vault: Deps, run: VerifyRun, snapshot: DepositSnapshot, request: RequestContext): Promise<void> {
  const findings = await checkByOpening(vault, run.checking, snapshot, request);
  await run.found(findings);
  if (snapshot.deposit.object === 'audio') {
    const finding = await checkLifetime(vault, run.checking, snapshot.deposit.recording, request);
    if (finding !== null) await run.found([finding]);
  }
  await run.opened(snapshot.deposit, findings);
}

async function findUnknown(vault: Deps, run: VerifyRun, tenant: Tenant, request: RequestContext): Promise<void> {
  for await (const one of findUnknownBlobs(vault, locationOf(tenant), tenant.tenant, request)) {
    // A blob that an envelope names is reported by its envelope.
    if (one.kind === 'object' && one.envelope) continue;
    const { path, recording, deposit, over } = one;
    const kind = one.kind === 'object' ? 'blob_unknown' : 'envelope_unknown';
    const why = over ? 'given_up_or_erased' : 'no_row';
    await run.found([{ kind, tenant: tenant.tenant, recording, deposit, path, why }]);
  }
}
