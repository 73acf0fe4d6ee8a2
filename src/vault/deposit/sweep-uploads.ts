// Giving up uploads that no deposit knows: a process that was killed between beginning one and noting its id leaves it.
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

/** For so long, an upload beside the one its deposit knows may be about to become it. */
const YOUNG_MS = 3_600_000;

/**
 * Looks at every upload that the tenants' places hold open and gives up those whose deposit is over, and those that are
 * an hour old and not the one their deposit knows. What a folder staged of an envelope counts as an upload, and goes
 * after an hour. What is not named like an object of a tenant here stays. Returns how many it gave up.
 */
export async function sweepUploads(vault: Deps, request: RequestContext): Promise<number> {
  const tenants = await vault.db.read((rows) => rows.tenants.all(), request);
  const places = new Map<string, StoreLocation>(
    tenants.map((tenant) => [JSON.stringify(Object.values(locationOf(tenant))), locationOf(tenant)]),
  );
  const here = new Set(tenants.map(({ tenant }) => tenant));
  return runAll([...places.values()].map((place) => () => sweepPlace(vault, place, here, request)));
}

/** What cannot be looked at or given up holds up nothing after it. */
async function sweepPlace(
  vault: Deps,
  place: StoreLocation,
  here: ReadonlySet<string>,
  request: RequestContext,
): Promise<number> {
  // The list comes first: whatever is begun after it is not on it.
  const listed: ListedUpload[] = [];
  for await (const upload of vault.store.listUploads(place, request)) listed.push(upload);
  return runAll(
    listed.map((upload) => async () => {
      const now = vault.clock.now();
      const of = parseObjectPath(upload.path);
      const tenant = (of ?? parseEnvelopePath(upload.path))?.tenant;
      if (tenant === undefined || !here.has(tenant)) return false;
      if (of !== null) {
        const deposit = await vault.db.read((rows) => rows.deposits.find(tenant, of.deposit), request);
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
