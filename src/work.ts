// Start-up work and the table of background work; main starts both.

import { commentFiler } from './vault/amendments/file-comments.ts';
import { entryStorer } from './vault/amendments/store-entries.ts';
import { closeBatches } from './vault/assignments/close-batches.ts';
import { fillQueues } from './vault/catalogue/fill-queues.ts';
import { continueAnswers } from './vault/changes/continue-answers.ts';
import { continueReleases } from './vault/changes/continue-releases.ts';
import { expireChanges } from './vault/changes/expire.ts';
import { reportMissing } from './vault/completeness/report-missing.ts';
import { continueWithdrawals } from './vault/consent/continue-withdrawals.ts';
import { countUnsealedRows, unsealedRowCounter } from './vault/core/authority/unsealed-rows.ts';
import { closeWindows } from './vault/core/events/close-windows.ts';
import { failureReports } from './vault/core/failure-reports.ts';
import { forgetReplies } from './vault/core/idempotency/stored-reply.ts';
import { hasDuty } from './vault/core/process-role.ts';
import type { RequestContext } from './vault/core/request-context.ts';
import { clockBeater, requireClockAtStart, type TrustListener } from './vault/core/trusted-for-age.ts';
import type { Vault } from './vault/core/vault.ts';
import { recoverStale } from './vault/deposit/recover-stale.ts';
import { sweepUploads } from './vault/deposit/sweep-uploads.ts';
import { continueErasures } from './vault/erasure/continue-erasures.ts';
import { olderErasures } from './vault/erasure/list-older.ts';
import { replayDueTombstones, replayTombstones } from './vault/erasure/replay-tombstones.ts';
import { holdContinuer } from './vault/holds/continue-holds.ts';
import { indexUpdater } from './vault/indexing/update-indexes.ts';
import { maintainIngestKeys } from './vault/keys/ingest/maintain.ts';
import { dropEndedKeys } from './vault/listening/drop-ended-keys.ts';
import { expireAccess } from './vault/listening/expire-access.ts';
import { keyWatcher } from './vault/listening/watch-keys.ts';
import { openGates } from './vault/replay/questions.ts';
import { replayDueEntries, replayEntries } from './vault/replay/replay-entries.ts';
import { rulesApplier } from './vault/retention/apply-to-recordings.ts';
import { type DueListener, expirer } from './vault/retention/expire.ts';
import { compareLogs } from './vault/sealing/compare-logs.ts';
import { logRereader } from './vault/sealing/reread-logs.ts';
import { logSealer } from './vault/sealing/seal-logs.ts';
import { forgetChallenges } from './vault/sign-in/challenges.ts';
import { expireSignIns } from './vault/sign-in/expire.ts';
import { finishTenants } from './vault/tenants/finish-tenant.ts';

/** One line of the table. `roundMs`: a round ends after so long. */
type BackgroundTask = readonly [
  name: string,
  verb: (request: RequestContext) => Promise<number>,
  everyMs: number,
  roundMs?: number,
];

/** Listener for failed work. */
type FailureListener = (name: string, error: unknown) => void;

/**
 * Listeners, after each round, for what waits: entries without a blob, comments without an entry, recordings to index,
 * events to seal; for what readings of the logs found; for recordings that are due to expire; for rows that give access and
 * have no MAC; and for how the clock is trusted for age.
 */
type WorkListeners = {
  readonly backlog: Parameters<typeof entryStorer>[1];
  readonly unfiled: Parameters<typeof commentFiler>[1];
  readonly unindexed: Parameters<typeof indexUpdater>[1];
  readonly logs: Parameters<typeof logSealer>[1];
  readonly reread: Parameters<typeof logRereader>[1];
  readonly due: DueListener;
  readonly unsealed: Parameters<typeof unsealedRowCounter>[1];
  readonly trust: TrustListener;
};

/** Listener for work that did something: how much. */
type WorkListener = (name: string, count: number) => void;

const NO_LISTENERS: WorkListeners = {
  backlog: () => undefined,
  unfiled: () => undefined,
  unindexed: () => undefined,
  logs: () => undefined,
  reread: () => undefined,
  due: () => undefined,
  unsealed: () => undefined,
  trust: () => undefined,
};

/** The start-up work that counts rows of an older version: what it counts, it leaves as it is. */
export const COUNT_UNSEALED = 'count unsealed rows';

const ROUND_MS = 300_000;
/** A log of ten million events takes a quarter of an hour. */
const REREAD_MS = 6 * 3_600_000;

function backgroundTasks(vault: Vault, listeners: WorkListeners): readonly BackgroundTask[] {
  const leaseMs = vault.settings.leaseSeconds * 1000;
  const { role } = vault.settings;
  const settling: readonly BackgroundTask[] = [
    ['beat clock', clockBeater(vault, listeners.trust), 60_000],
    ['settle', (request) => recoverStale(vault, request), Math.min(leaseMs, 15_000)],
    ['sweep uploads', (request) => sweepUploads(vault, request), Math.min(leaseMs * 5, 300_000)],
    ['store entries', entryStorer(vault, listeners.backlog), 1_000],
    ['file comments', commentFiler(vault, listeners.unfiled), 5_000],
    ['report missing calls', (request) => reportMissing(vault, request), 15_000],
    ['update indexes', indexUpdater(vault, listeners.unindexed), 1_000],
    ['apply retention', rulesApplier(vault), 1_000],
    ['fill queues', (request) => fillQueues(vault, request), 60_000],
    ['expire', (request) => expireAccess(vault, request), 1_000],
    ['close batches', (request) => closeBatches(vault, request), 5_000],
    ['release', (request) => continueReleases(vault, request), 1_000],
    ['answer subjects', (request) => continueAnswers(vault, request), 1_000],
    ['carry withdrawals', (request) => continueWithdrawals(vault, request), 1_000],
    ['continue holds', holdContinuer(vault), 1_000],
    ['expire changes', (request) => expireChanges(vault, request), 60_000],
    ['expire sign-ins', (request) => expireSignIns(vault, request), 10_000],
    ['forget challenges', (request) => forgetChallenges(vault, request), 60_000],
    ['expire recordings', expirer(vault, listeners.due), 10_000],
    ['erase', (request) => continueErasures(vault, request), Math.min(leaseMs, 15_000)],
    ['list older erasures', olderErasures(vault), 60_000],
    ['replay tombstones', (request) => replayDueTombstones(vault, request), 60_000],
    ['replay entries', (request) => replayDueEntries(vault, request), 60_000],
    ['close windows', (request) => closeWindows(vault, request), 5_000],
    ['maintain ingest keys', (request) => maintainIngestKeys(vault, request), 60_000],
    ['forget replies', (request) => forgetReplies(vault, request), 60_000],
    ['seal logs', logSealer(vault, listeners.logs), vault.settings.sealSeconds * 1000],
    [COUNT_UNSEALED, unsealedRowCounter(vault, listeners.unsealed), 60_000],
    ['reread logs', logRereader(vault, listeners.reread), 3_600_000, REREAD_MS],
  ];
  // Session keys are in the process that serves the media: it drops them itself, whichever process ended the session.
  const listening: readonly BackgroundTask[] = [['drop keys', (request) => dropEndedKeys(vault, request), 1_000]];
  return [
    ...(hasDuty(role, 'settle') ? settling : []),
    ...(hasDuty(role, 'media') ? listening : []),
    ['open gates', (request) => openGates(vault, request), 1_000],
    // Tenant KEKs are in every process that creates or opens data keys, and the watch checks no other keys.
    ['watch keys', keyWatcher(vault), 30_000],
    [
      'expire keys',
      async () => vault.metadataKeys.expire() + vault.tenantKeks.expire() + vault.ingestKeys.expire(),
      30_000,
    ],
  ];
}

/** Throws `clock_differs` where the clock is behind the last trusted one: call it before all else. */
export function requireClock(vault: Vault): Promise<void> {
  return requireClockAtStart(vault, { signal: vault.clock.deadline(ROUND_MS) });
}

/**
 * Runs once before the service takes requests; `failed` is called for work that fails, and start-up continues: the
 * service does not serve a tenant that is unfinished, has unchecked tombstones, lacks changes, or whose log is held. `did` is called for
 * work that changed something. Running it twice changes nothing.
 */
export async function runStartupTasks(
  vault: Vault,
  failed: FailureListener,
  did: WorkListener = () => undefined,
): Promise<void> {
  const settling = [
    [COUNT_UNSEALED, countUnsealedRows],
    ['finish tenants', finishTenants],
    ['replay tombstones', replayTombstones],
    ['replay entries', replayEntries],
  ] as const;
  const { role } = vault.settings;
  // First: a log that differs must be held before the others write.
  const comparing = ['compare logs', compareLogs] as const;
  const works = [comparing, ...(hasDuty(role, 'settle') ? settling : ([['open gates', openGates]] as const))];
  for (const [name, verb] of works) {
    try {
      const count = await verb(vault, { signal: vault.clock.deadline(ROUND_MS) });
      if (count > 0) did(name, count);
    } catch (error) {
      failed(name, error);
    }
  }
}

/**
 * Starts the background work; `failed` is called for rounds that fail, ever less often while a log takes no events. The returned function aborts rounds in
 * progress and waits for them.
 */
export function startBackgroundWork(
  vault: Vault,
  failed: FailureListener,
  listeners: WorkListeners = NO_LISTENERS,
): () => Promise<void> {
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const reports = failureReports(vault.clock);
  const round = async ([name, verb, , roundMs = ROUND_MS]: BackgroundTask): Promise<void> => {
    try {
      await verb({ signal: AbortSignal.any([vault.clock.deadline(roundMs), stopping.signal]) });
      reports.succeeded(name);
    } catch (error) {
      if (!stopping.signal.aborted && reports.isDue(name, error)) failed(name, error);
    }
  };
  const stops = backgroundTasks(vault, listeners).map((task) =>
    vault.clock.every(task[2], async () => {
      const started = round(task);
      running.add(started);
      await started;
      running.delete(started);
    }),
  );
  return async () => {
    for (const stop of stops) stop();
    stopping.abort();
    await Promise.all(running);
  };
}
