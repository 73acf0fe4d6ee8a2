// Aborting uploads that no deposit knows. They remain where a process was killed before it stored the upload's id.
import { parseEntryPath } from '../../envelope/amendments/entry-name.ts';
import { parseEnvelopePath } from '../../envelope/envelope.ts';
import { parseObjectPath } from '../../envelope/object.ts';
import type { Deposit } from '../../model/recording.ts';
import { locationOf, type StoreLocation } from '../../model/tenant.ts';
import type { ListedUpload } from '../../ports/object-store.ts';
import { runAll } from '../core/concurrency.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { objectPathsOf } from './peaks.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'clock'>;

/** How long an upload that its deposit does not know may still be about to be recorded. */
const YOUNG_MS = 3_600_000;

/**
 * Checks every open upload in the tenants' store locations. Aborts those of ended deposits, and those an hour old that
 * their deposit does not know. An envelope or an entry that a folder has staged counts as an upload and is deleted after
 * an hour.
 * An upload without the name of a known tenant's object stays. Returns how many uploads it aborted.
 */
export async function sweepUploads(vault: Deps, request: RequestContext): Promise<number> {
  const tenants = await vault.db.read((rows) => rows.tenants.all(), request);
  const places = new Map<string, StoreLocation>(
    tenants.map((tenant) => [JSON.stringify(Object.values(locationOf(tenant))), locationOf(tenant)]),
  );
  const knownTenants = new Set(tenants.map(({ tenant }) => tenant));
  return runAll([...places.values()].map((place) => () => sweepPlace(vault, place, knownTenants, request)));
}

/** Sweeps one location. An upload that cannot be checked or aborted does not stop the others. */
async function sweepPlace(
  vault: Deps,
  place: StoreLocation,
  knownTenants: ReadonlySet<string>,
  request: RequestContext,
): Promise<number> {
  // Listed first: an upload begun after the list is not on it.
  const listed: ListedUpload[] = [];
  for await (const upload of vault.store.listUploads(place, request)) listed.push(upload);
  return runAll(
    listed.map((upload) => async () => {
      const now = vault.clock.now();
      const object = parseObjectPath(upload.path);
      const tenant = (object ?? parseEnvelopePath(upload.path) ?? parseEntryPath(upload.path))?.tenant;
      if (tenant === undefined || !knownTenants.has(tenant)) return false;
      if (object !== null) {
        const deposit = await vault.db.read((rows) => rows.deposits.find(tenant, object.deposit), request);
        if (isWanted(deposit, upload, now)) return false;
      } else if (now - upload.begun < YOUNG_MS) return false;
      await vault.store.abortUpload(place, upload, request);
      return true;
    }),
  );
}

function isWanted(deposit: Deposit | null, upload: ListedUpload, now: number): boolean {
  if (deposit === null || (deposit.state !== 'UPLOADING' && deposit.state !== 'COMMITTING')) return false;
  if (!objectPathsOf(deposit).includes(upload.path)) return false;
  return deposit.uploadId === upload.uploadId || now - upload.begun < YOUNG_MS;
}
