// The passes after an erasure's transaction: tombstone list, store, database files, ERASED, and a last pass a day later.
import { VaultError } from '../../errors.ts';
import { eventList, type NewEvent } from '../../model/audit-event.ts';
import { type Erasure, PASSES } from '../../model/erasure.ts';
import type { Deposit } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Forgotten, Rows, Transaction } from '../../ports/database.ts';
import { runAll } from '../core/concurrency.ts';
import { DEPLOYMENT, event, systemActor } from '../core/events/events.ts';
import { groupBy } from '../core/group-by.ts';
import { forTenant, type RequestContext } from '../core/request-context.ts';
import { tryEnd } from '../core/sessions/end-session.ts';
import type { Vault } from '../core/vault.ts';
import { deleteRecordingBlobs } from './delete-blobs.ts';
import { deleteEntries } from './delete-entries.ts';
import { writeList } from './write-list.ts';

type Deps = Omit<Vault, 'sessionKeys'>;

const BATCH = 100;
/**
 * A deposit that was being finished when its recording was erased can write for two more minutes, and its last call to
 * the store may take one more.
 */
const SECOND_AFTER_MS = 180_000;
const LAST_AFTER_MS = 24 * 3_600_000;

/**
 * Runs the due passes of erasures and returns how many it completed. After a crash, a repetition or a concurrent run
 * the result is the same. A pass that fails does not stop the others; the first error is thrown at the end.
 */
export async function continueErasures(vault: Deps, request: RequestContext): Promise<number> {
  const due = await vault.db.read(async (rows) => rows.erasures.due(await rows.now(), BATCH), request);
  const ending: Erasure[] = [];
  const pass = async (erasure: Erasure): Promise<boolean> => {
    const own = forTenant(request, erasure.tenant);
    if (!(await take(vault, erasure, own)) || !(await runPass(vault, erasure, own))) return false;
    if (erasure.pass !== PASSES.second) return recordPass(vault, erasure, own);
    ending.push(erasure);
    return false;
  };
  return runAll([...due.map((erasure) => () => pass(erasure)), () => endErasures(vault, ending, request)]);
}

/** Takes an erasure for the length of a lease. After that another process may repeat the pass. */
async function take(vault: Deps, erasure: Erasure, request: RequestContext): Promise<boolean> {
  const until = await timeAfter(vault, vault.settings.leaseSeconds * 1000, request);
  return vault.db.note((notes) => notes.erasures.take(erasure, until), request);
}

/**
 * Runs a pass. False: one of the recording's deposits is not aborted yet. Where the tombstone list cannot be written the
 * pass is not done, but it still deletes the blobs.
 */
async function runPass(vault: Deps, erasure: Erasure, request: RequestContext): Promise<boolean> {
  const look = () => vault.db.read((rows) => readErasureRows(rows, erasure), request);
  const { tenant, deposits, listed } = await look();
  // The first erasure of a batch writes the list of all.
  const needsList = erasure.pass === PASSES.first && !listed;
  const [recorded] = await Promise.allSettled([needsList ? recordInStore(vault, tenant, erasure, request) : null]);
  await deleteRecordingBlobs(vault, tenant, erasure.recording, deposits, request);
  await deleteEntries(vault, tenant, erasure, request);
  if (recorded.status === 'rejected') throw recorded.reason;
  return areGone((await look()).deposits);
}

async function recordInStore(vault: Deps, tenant: Tenant, erasure: Erasure, request: RequestContext): Promise<void> {
  const { path, recordings } = await writeList(vault, tenant, erasure, request);
  await vault.db.note((notes) => notes.erasures.setList(tenant.tenant, recordings, path), request);
}

async function readErasureRows(
  rows: Rows,
  { tenant: id, recording }: Erasure,
): Promise<{ readonly tenant: Tenant; readonly deposits: readonly Deposit[]; readonly listed: boolean }> {
  const tenant = await rows.tenants.find(id);
  if (tenant === null) throw new VaultError('internal', 'an erasure without its tenant');
  const erasure = await rows.erasures.find(id, recording);
  const deposits = await rows.deposits.ofRecording(id, recording);
  return { tenant, deposits, listed: erasure !== null && erasure.list !== null };
}

function areGone(deposits: readonly Deposit[]): boolean {
  return deposits.every(({ state }) => state === 'ABORTED');
}

/**
 * Makes deleted rows unreadable in the database's files, once for all of these erasures; only then they become ERASED.
 */
async function endErasures(vault: Deps, erasures: readonly Erasure[], request: RequestContext): Promise<number> {
  if (erasures.length === 0) return 0;
  const forgotten = await vault.db.forget(request);
  if (forgotten === null) return 0;
  const batches = groupBy(erasures, ({ tenant, seq }) => `${tenant} ${seq}`);
  return runAll(
    [...batches.values()].map((batch) => async () => {
      const own = forTenant(request, batch[0]?.tenant ?? DEPLOYMENT);
      await tryEnd(vault, (tx) => endBatch(tx, vault, batch, forgotten, own), own);
      return runAll(batch.map((erasure) => () => recordPass(vault, erasure, own)));
    }),
  );
}

/** ERASING → ERASED, of recordings whose erasure one event began. Null where all are ERASED already. */
async function endBatch(
  tx: Transaction,
  vault: Pick<Vault, 'settings'>,
  batch: readonly Erasure[],
  database: Forgotten,
  request: RequestContext,
): Promise<NewEvent | null> {
  const ended: string[] = [];
  const [{ tenant, seq: begun } = { tenant: '', seq: 0 }] = batch;
  for (const id of batch.map(({ recording }) => recording).sort()) {
    const row = await tx.recordings.lock(tenant, id);
    if (row?.state !== 'ERASING' || !areGone(await tx.deposits.ofRecording(tenant, id))) continue;
    if (await tx.recordings.change(row, { state: 'ERASED' })) ended.push(id);
  }
  const [id] = ended;
  if (id === undefined) return null;
  const about =
    batch.length === 1
      ? ({ type: 'recording', id } as const)
      : ({ type: 'tenant', id: tenant, recordings: eventList(ended) } as const);
  return event(tenant, systemActor(vault.settings), 'recording.erased', { ...about, begun, database }, request);
}

async function recordPass(vault: Deps, erasure: Erasure, request: RequestContext): Promise<boolean> {
  const waits = { [PASSES.first]: SECOND_AFTER_MS, [PASSES.second]: LAST_AFTER_MS }[erasure.pass];
  const due = waits === undefined ? null : await timeAfter(vault, waits, request);
  return vault.db.note((notes) => notes.erasures.passDone(erasure, due), request);
}

/** The database's time plus `milliseconds`. */
async function timeAfter(vault: Pick<Vault, 'db'>, milliseconds: number, request: RequestContext): Promise<string> {
  const now = await vault.db.read((rows) => rows.now(), request);
  return new Date(Date.parse(now) + milliseconds).toISOString();
}
