// Background work: puts the blobs of amendment entries that only have rows, each stream in order, and marks the rows.
import { hasCode, VaultError } from '../../errors.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { AmendmentBacklog, AmendmentRow, WaitingStream } from '../../ports/rows/amendment-rows.ts';
import { type Backoff, backoff } from '../core/backoff.ts';
import { awaitBoth, inParallel } from '../core/concurrency.ts';
import { systemActor } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { quarantineDamaged } from '../verify/quarantine.ts';
import { storeEntry } from './store-entry.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'clock' | 'settings'>;

/** Streams looked up at once: those that wait after a failure are passed over, whatever comes first. */
const PAGE = 500;
/** Streams read at once, and entries of each: at most 192 rows are marked in one write. */
const CHUNK = 24;
const ENTRIES = 8;
/** Streams of one tenant that are written at once. */
const AT_ONCE = 8;
/**
 * Time from reading rows to the end of their puts. An erasure that deletes the rows meanwhile deletes such late blobs in
 * its second pass, after three minutes.
 */
const CHUNK_MS = 20_000;
/** Waits of a tenant whose store failed, and of a stream that is not as it should be. */
const STORE_WAITS = [1_000, 60_000] as const;
const STREAM_WAITS = [60_000, 3_600_000] as const;
/** How often a long round reports the backlog. */
const REPORT_MS = 10_000;

type Run = {
  readonly tenants: Backoff;
  readonly streams: Backoff;
  readonly failures: unknown[];
  readonly request: RequestContext;
};

/**
 * Rounds of one process; each returns how many blobs it stored. It needs no key, and stores what suspended tenants have
 * written before. A store that fails, or a name that has other bytes, stops that tenant or that stream, and is tried
 * again later; the others go on, and the first error is thrown at the end: `integrity` before all others. `observe` gets
 * the backlog after each round.
 */
export function entryStorer(
  vault: Deps,
  observe: (backlog: AmendmentBacklog) => void,
): (request: RequestContext) => Promise<number> {
  const [tenants, streams] = [backoff(vault.clock, ...STORE_WAITS), backoff(vault.clock, ...STREAM_WAITS)];
  return async (request) => {
    const run: Run = { tenants, streams, failures: [], request };
    let reported = vault.clock.now();
    const report = async (): Promise<void> => {
      observe(await vault.db.read((rows) => rows.amendments.backlog(), request));
      reported = vault.clock.now();
    };
    let all = 0;
    for (;;) {
      let [stored, waiting] = [0, false];
      for await (const page of waitingStreams(vault, request)) {
        waiting = true;
        const ready = page.filter((stream) => !tenants.waits(stream.tenant) && !streams.waits(stream.subject));
        for (let at = 0; at < ready.length; at += CHUNK) {
          stored += await storeChunk(vault, run, ready.slice(at, at + CHUNK));
          if (Math.abs(vault.clock.now() - reported) >= REPORT_MS) await report();
        }
      }
      all += stored;
      if (stored > 0) continue;
      if (waiting) await report();
      else observe({ entries: 0, oldest: null });
      break;
    }
    const [first] = [...run.failures.filter((error) => hasCode(error, 'integrity')), ...run.failures];
    if (first !== undefined) throw first;
    return all;
  };
}

async function* waitingStreams(
  vault: Pick<Vault, 'db'>,
  request: RequestContext,
): AsyncGenerator<readonly WaitingStream[], void, undefined> {
  for (let last: WaitingStream | undefined; ; ) {
    const after = last === undefined ? null : { tenant: last.tenant, subject: last.subject };
    const page = await vault.db.read((rows) => rows.amendments.waiting(after, PAGE), request);
    if (page.length > 0) yield page;
    last = page.at(-1);
    if (last === undefined || page.length < PAGE) return;
  }
}

/** Stores the first entries of some streams, and returns how many rows it marked. */
async function storeChunk(vault: Deps, run: Run, streams: readonly WaitingStream[]): Promise<number> {
  const late = vault.clock.deadline(CHUNK_MS);
  const { tenants, pages } = await vault.db.read(async (rows) => {
    const ids = [...new Set(streams.map(({ tenant }) => tenant))];
    const { page } = rows.amendments;
    // Without waiting between: PostgreSQL gets them together.
    const [found, read] = await awaitBoth(
      Promise.all(ids.map((id) => rows.tenants.find(id))),
      Promise.all(streams.map(({ tenant, subject, n }) => page(tenant, subject, n - 1, ENTRIES))),
    );
    return { tenants: found.filter((tenant) => tenant !== null), pages: read };
  }, run.request);
  const put = { ...run.request, signal: AbortSignal.any([run.request.signal, late]) };
  const works = tenants.map(async (tenant) => {
    const own = pages.filter(([row]) => row?.tenant === tenant.tenant);
    return storeTenant(vault, run, tenant, own, put).catch((error: unknown) => {
      run.failures.push(error);
      return 0;
    });
  });
  const marked = await Promise.all(works);
  run.request.signal.throwIfAborted();
  return marked.reduce((sum, n) => sum + n, 0);
}

/** Stores entries of one tenant's streams, and marks them. Returns how many it marked. */
async function storeTenant(
  vault: Deps,
  run: Run,
  tenant: Tenant,
  pages: readonly (readonly AmendmentRow[])[],
  put: RequestContext,
): Promise<number> {
  const stored: AmendmentRow[] = [];
  await inParallel(pages, AT_ONCE, async (page) => {
    for (const row of page) {
      if (row.stored) continue;
      if (run.tenants.waits(tenant.tenant) || !(await storeRow(vault, run, tenant, row, put))) return;
      stored.push(row);
    }
  });
  if (stored.length === 0) return 0;
  return vault.db.note(async ({ amendments }) => {
    // A row that was deleted or written again meanwhile stays as it is.
    const marks = await Promise.all(stored.map((row) => amendments.markStored(row)));
    return marks.filter(Boolean).length;
  }, run.request);
}

/** Stores one entry; false where its stream must wait. */
async function storeRow(
  vault: Deps,
  run: Run,
  tenant: Tenant,
  row: AmendmentRow,
  put: RequestContext,
): Promise<boolean> {
  try {
    const outcome = await storeEntry(vault, tenant, row, put);
    run.tenants.succeeded(tenant.tenant);
    if (outcome === 'forked') await alarm(vault, run, row, 'amendment_forked: another blob has the name of this entry');
    else if (outcome === 'stored') run.streams.succeeded(row.subject);
    return outcome === 'stored';
  } catch (error) {
    if (hasCode(error, 'malformed')) {
      await alarm(vault, run, row, 'the row of this entry is not one that callvault wrote', error);
      return false;
    }
    const cut = !(error instanceof VaultError) && put.signal.aborted;
    run.failures.push(cut ? new VaultError('store_unavailable', 'the store did not answer', { cause: error }) : error);
    run.tenants.failed(tenant.tenant);
    return false;
  }
}

/** Stops a stream that is not as it was written: a recording is quarantined, and the round ends with `integrity`. */
async function alarm(vault: Deps, run: Run, row: AmendmentRow, message: string, cause?: unknown): Promise<void> {
  const { tenant, subject } = row;
  run.streams.failed(subject);
  run.failures.push(new VaultError('integrity', message, { cause }));
  if (!subject.startsWith('rec_')) return;
  try {
    await quarantineDamaged(vault, systemActor(vault.settings), tenant, subject, run.request);
  } catch (error) {
    run.failures.push(error);
  }
}
