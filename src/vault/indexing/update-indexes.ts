// Background work: brings the blind indexes of older recordings to what their tenant's recordings are found by now.
import type { IndexedRecording, IndexPass, IndexProgress } from '../../ports/rows/index-rows.ts';
import { type Backoff, backoff } from '../core/backoff.ts';
import { groupBy } from '../core/group-by.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenant } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';
import { areNone, type IndexChanges, type IndexOwner, indexChanges } from './index-changes.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'metadataKeys' | 'phones' | 'replayGate'>;

/** Recordings that a round looks at, over all tenants, and those of one transaction: it holds SQLite's writer. */
const ROUND = 500;
const BATCH = 50;
/** Waits of a tenant whose key is unavailable, or whose rows cannot be written. */
const WAITS = [60_000, 3_600_000] as const;
/** How often the remaining recordings are counted, and up to which number. */
const REPORT_MS = 10_000;
const MOST_COUNTED = 100_000;

/**
 * Rounds of one process; each returns how many recordings got other indexes. `remaining` gets how many are still to be
 * looked at (at most 100,000): 0 once every recording has the indexes of its tenant's current version. A pass goes through
 * a tenant's recordings in order of their ids. What is written beside it already has the current version, so it changes
 * only what is wrong, under the lock that changes of facts take. A recording whose facts do not open is passed over, and
 * the first such error thrown at the end. A tenant that is suspended or not replayed yet, or whose key is unavailable,
 * waits.
 */
export function indexUpdater(
  vault: Deps,
  remaining: (recordings: number) => void,
): (request: RequestContext) => Promise<number> {
  const waits = backoff(vault.clock, ...WAITS);
  let reported: number | null = null;
  const readBehind = (request: RequestContext) => vault.db.read((rows) => rows.indexes.behind(), request);
  const report = async (behind: readonly IndexProgress[], request: RequestContext): Promise<void> => {
    const isDue = reported === null || Math.abs(vault.clock.now() - reported) >= REPORT_MS;
    if (behind.length > 0 && !isDue) return;
    remaining(await countRemaining(vault, behind, request));
    reported = behind.length === 0 ? null : vault.clock.now();
  };
  return async (request) => {
    const behind = await readBehind(request);
    const ready = behind.filter(({ tenant }) => vault.replayGate.isOpen(tenant) && !waits.waits(tenant));
    const failures: unknown[] = [];
    const most = Math.max(BATCH, Math.ceil(ROUND / Math.max(1, ready.length)));
    let changed = 0;
    for (const one of ready) changed += await updateTenant(vault, { waits, failures, most }, one, request);
    if (behind.length > 0) await report(ready.length > 0 ? await readBehind(request) : behind, request);
    else remaining(0);
    if (failures.length > 0) throw failures[0];
    return changed;
  };
}

type Run = { readonly waits: Backoff; readonly failures: unknown[]; readonly most: number };

async function countRemaining(vault: Deps, behind: readonly IndexProgress[], request: RequestContext): Promise<number> {
  let all = 0;
  for (const { tenant, current, version, reached } of behind) {
    const after = version === current ? reached : '';
    if (all < MOST_COUNTED)
      all += await vault.db.read((rows) => rows.indexes.countAfter(tenant, after, MOST_COUNTED - all), request);
  }
  // The pass of a tenant whose last recordings were looked at has not ended yet.
  return behind.length > 0 ? Math.max(1, all) : 0;
}

/** Some recordings of one tenant. Returns how many got other indexes. */
async function updateTenant(
  vault: Deps,
  { waits, failures, most }: Run,
  progress: IndexProgress,
  request: RequestContext,
): Promise<number> {
  const counts = { changed: 0 };
  try {
    await continuePass(vault, progress, { most, counts, failures }, request);
    waits.succeeded(progress.tenant);
  } catch (error) {
    request.signal.throwIfAborted();
    waits.failed(progress.tenant);
    if (!isKeyUnavailable(error)) failures.push(error);
  }
  return counts.changed;
}

async function continuePass(
  vault: Deps,
  { tenant: id, current, version, reached }: IndexProgress,
  run: { readonly most: number; readonly counts: { changed: number }; readonly failures: unknown[] },
  request: RequestContext,
): Promise<void> {
  const tenant = await activeTenant(vault, id, request);
  let pass: IndexPass = { tenant: id, version: current, reached: version === current ? reached : '' };
  if (version !== current) await inPass(vault, pass, (indexes) => indexes.begin(id, current), request);
  let seen = pass.reached;
  for (let looked = 0; looked < run.most; looked += BATCH) {
    request.signal.throwIfAborted();
    await vault.clock.pause();
    // From memory, except after its time there.
    const owner = { tenant, metadataKey: await vault.metadataKeys.get(tenant, request) };
    const { page, wrong } = await lookAt(vault, owner, seen, request);
    seen = page.at(-1)?.id ?? seen;
    if (wrong.some(({ changes }) => !areNone(changes))) {
      const changed = await writeChanges(vault, owner, { pass, to: seen }, wrong, request);
      // Another process went on, or the settings have changed: the next round sees it.
      if (changed === null) return;
      run.counts.changed += changed;
      pass = { ...pass, reached: seen };
    }
    run.failures.push(...wrong.flatMap(({ changes }) => (changes.error === undefined ? [] : [changes.error])));
    if (page.length < BATCH) {
      await inPass(vault, pass, (indexes) => indexes.finish(pass), request);
      return;
    }
  }
  if (seen !== pass.reached) await inPass(vault, pass, (indexes) => indexes.advance(pass, seen), request);
}

type Wrong = { readonly recording: IndexedRecording; readonly changes: IndexChanges };

/** A page of recordings, and those of them that have other indexes than they must have, or whose facts do not open. */
async function lookAt(
  vault: Deps,
  owner: IndexOwner,
  after: string,
  request: RequestContext,
): Promise<{ readonly page: readonly IndexedRecording[]; readonly wrong: readonly Wrong[] }> {
  const { tenant } = owner.tenant;
  const { page, values } = await vault.db.read(async ({ indexes }) => {
    const found = await indexes.page(tenant, after, BATCH);
    const [first, last] = [found[0], found.at(-1)];
    const stored = first === undefined || last === undefined ? [] : await indexes.values(tenant, first.id, last.id);
    return { page: found, values: groupBy(stored, ({ recording }) => recording) };
  }, request);
  const looked = page.map((recording) => {
    return { recording, changes: indexChanges(vault, owner, recording, values.get(recording.id) ?? []) };
  });
  return { page, wrong: looked.filter(({ changes }) => !areNone(changes) || changes.error !== undefined) };
}

/**
 * Writes what a page lacks, and moves the pass on, in one transaction. Returns how many recordings got other indexes;
 * null, and nothing is written, where the pass is no longer the one that was read.
 */
function writeChanges(
  vault: Deps,
  owner: IndexOwner,
  { pass, to }: { readonly pass: IndexPass; readonly to: string },
  wrong: readonly Wrong[],
  request: RequestContext,
): Promise<number | null> {
  const { tenant } = pass;
  const byId = new Map(wrong.map((one) => [one.recording.id, one]));
  return inPass(
    vault,
    pass,
    async (indexes) => {
      // The pass before the recordings: another process that writes the same page waits here, and then writes nothing.
      if (!(await indexes.advance(pass, to))) return null;
      let changed = 0;
      for (const row of await indexes.lock(tenant, [...byId.keys()])) {
        const read = byId.get(row.id);
        // Each change of facts and each erasure raises the version: then what was read of the recording no longer counts.
        const changes =
          read?.recording.version === row.version
            ? read.changes
            : indexChanges(vault, owner, row, await indexes.values(tenant, row.id, row.id));
        if (areNone(changes)) continue;
        await indexes.remove(row, changes.remove);
        await indexes.add(row, changes.add);
        if (changes.source !== null) await indexes.setSource(row, changes.source);
        changed++;
      }
      return changed;
    },
    request,
  );
}

type Indexes = Parameters<Parameters<Vault['db']['note']>[0]>[0]['indexes'];

/**
 * A write of a pass, while the tenant is active and has the version of the pass: it keeps both until the transaction ends,
 * as deposits and changes of facts do. Null, and nothing is written, where it does not.
 */
function inPass<T>(
  vault: Pick<Vault, 'db'>,
  { tenant, version }: IndexPass,
  write: (indexes: Indexes) => Promise<T>,
  request: RequestContext,
): Promise<T | null> {
  return vault.db.note(async ({ indexes }) => {
    const now = await indexes.share(tenant);
    return now?.current === version && now.state === 'ACTIVE' ? write(indexes) : null;
  }, request);
}
