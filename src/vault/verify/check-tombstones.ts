// The check of tombstones and tombstone lists against the rows: without them a restored or rebuilt database forgets
// erasures.
import { equalBytes } from '../../bytes/digest.ts';
import { tombstonePrefix } from '../../envelope/tenant-blob.ts';
import type { ErasedRecording } from '../../envelope/tombstone-list.ts';
import { isErased } from '../../model/recording.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import { inParallel } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import { parseTombstoneName, readTombstone, type TombstoneName } from '../core/tombstones/tombstones.ts';
import type { Vault } from '../core/vault.ts';
import type { Finding } from './finding.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'metadataKeys'>;

type Report = (findings: readonly Finding[]) => Promise<void>;

const BATCH = 200;
const AT_ONCE = 8;

/** Reports the findings, the blobs' first. Throws the errors of store, database and key service. */
export async function checkTombstones(
  vault: Deps,
  tenant: Tenant,
  report: Report,
  request: RequestContext,
): Promise<void> {
  const lists = new Set<string>();
  const check = async (name: TombstoneName): Promise<void> => {
    if (name.recording === null) lists.add(name.path);
    const why = await faultOf(vault, tenant, name, request);
    if (why === null) return;
    const kind = why === 'damaged' ? 'tombstone_damaged' : 'tombstone_differs';
    const of = { tenant: tenant.tenant, path: name.path };
    await report([why === 'damaged' ? { kind, ...of } : { kind, ...of, why }]);
  };
  let batch: TombstoneName[] = [];
  for await (const { path } of vault.store.list(locationOf(tenant), tombstonePrefix(tenant.tenant, null), request)) {
    const name = parseTombstoneName(tenant.tenant, path);
    if (name === null) await report([{ kind: 'tombstone_damaged', tenant: tenant.tenant, path, why: 'name' }]);
    else batch.push(name);
    if (batch.length < BATCH) continue;
    await inParallel(batch, AT_ONCE, check);
    batch = [];
  }
  await inParallel(batch, AT_ONCE, check);
  await findMissingLists(vault, tenant, lists, report, request);
}

type Fault = 'damaged' | 'not_erased' | 'no_row' | 'natural';

async function faultOf(
  vault: Deps,
  tenant: Tenant,
  name: TombstoneName,
  request: RequestContext,
): Promise<Fault | null> {
  request.signal.throwIfAborted();
  const record = await readTombstone(vault, tenant, name, await vault.metadataKeys.get(tenant, request), request);
  if (record === null || record === 'damaged') return record;
  // Rows are read after the blob: a recording is erased before the store says so.
  return vault.db.read((rows) => differenceOf(rows, tenant.tenant, record.erased), request);
}

/** How the rows differ from a list: a recording is not erased, lacks the row that recognises its call, or has another. */
async function differenceOf(
  { recordings }: Rows,
  tenant: string,
  erased: readonly ErasedRecording[],
): Promise<Fault | null> {
  const ids = erased.map(({ recording }) => recording);
  const rows = new Map((await recordings.findMany(tenant, ids)).map((row) => [row.id, row]));
  for (const { recording, natural } of erased) {
    const row = rows.get(recording);
    if (row !== undefined && !isErased(row)) return 'not_erased';
    if (natural === null) continue;
    if (row === undefined && (await recordings.byNatural(tenant, natural)) === null) return 'no_row';
    if (row !== undefined && !equalBytes(row.natural, natural)) return 'natural';
  }
  return null;
}

/** Lists that erasures name and the store does not have. */
async function findMissingLists(
  vault: Deps,
  tenant: Tenant,
  seen: ReadonlySet<string>,
  report: Report,
  request: RequestContext,
): Promise<void> {
  for (let after = ''; ; ) {
    const from = after;
    const named = await vault.db.read((rows) => rows.erasures.listsAfter(tenant.tenant, from, BATCH), request);
    for (const path of named) {
      // One that was written during the check is there by now.
      if (seen.has(path) || (await vault.store.head(locationOf(tenant), path, request)) !== null) continue;
      await report([{ kind: 'tombstone_missing', tenant: tenant.tenant, path }]);
    }
    const last = named.at(-1);
    if (last === undefined) return;
    after = last;
  }
}
