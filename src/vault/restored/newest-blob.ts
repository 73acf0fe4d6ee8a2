// What the store has of a tenant since the backup: when its newest blob was written, and which uploads have no row.
import { idTime, newIdAt } from '../../bytes/ids.ts';
import { entryHour } from '../../envelope/amendments/entry-name.ts';
import { envelopePrefix, parseEnvelopePath } from '../../envelope/envelope.ts';
import { locationOf, type Tenant } from '../../model/tenant.ts';
import { listStreams } from '../core/amendments/stored-streams.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { namesOf } from '../replay/unknown-streams.ts';

/** A call's recording may be as much older than its upload: it was described or listed first. */
const EARLIER_MS = 24 * 3_600_000;
const PAGE = 500;

/** `newest`: RFC 3339, null where nothing is newer than the backup. `withoutRows`: uploads that the database lacks. */
export type SinceBackup = { readonly newest: string | null; readonly withoutRows: number };

/**
 * Looks at names alone: at envelopes of recordings from the day before the backup on, by the time in their deposits' ids,
 * and at entries from its hour on, by their rows. Throws the errors of store and database.
 */
export async function sinceBackup(
  vault: Pick<Vault, 'db' | 'store'>,
  tenant: Tenant,
  backup: string,
  request: RequestContext,
): Promise<SinceBackup> {
  const now = await vault.db.read((rows) => rows.now(), request);
  let [newest, withoutRows]: [string | null, number] = [null, 0];
  const see = (time: string): void => {
    // A name with a time to come says nothing.
    if (time > backup && time <= now && (newest === null || time > newest)) newest = time;
  };
  const deposits: string[] = [];
  const look = async (): Promise<void> => {
    withoutRows += await countMissing(vault, tenant, deposits.splice(0), request);
  };
  for await (const deposit of depositsSince(vault, tenant, backup, request)) {
    see(new Date(idTime(deposit)).toISOString());
    if (deposits.push(deposit) === PAGE) await look();
  }
  await look();
  for await (const time of entryTimes(vault, tenant, backup, request)) see(time);
  return { newest, withoutRows };
}

async function* depositsSince(
  { store }: Pick<Vault, 'store'>,
  tenant: Tenant,
  backup: string,
  request: RequestContext,
): AsyncGenerator<string, void, undefined> {
  const prefix = envelopePrefix(tenant.tenant, null);
  const first = newIdAt('rec', Math.max(0, Date.parse(backup) - EARLIER_MS)).slice(0, 14);
  for await (const { path } of store.list(locationOf(tenant), prefix, { ...request, after: `${prefix}${first}` })) {
    const id = parseEnvelopePath(path);
    if (id !== null) yield id.deposit;
  }
}

async function countMissing(
  { db }: Pick<Vault, 'db'>,
  { tenant }: Tenant,
  deposits: readonly string[],
  request: RequestContext,
): Promise<number> {
  if (deposits.length === 0) return 0;
  return db.read(async (rows) => {
    const known = new Set(await rows.deposits.availableAmong(tenant, deposits));
    let missing = 0;
    for (const id of deposits) if (!known.has(id) && (await rows.deposits.find(tenant, id)) === null) missing++;
    return missing;
  }, request);
}

/** The times of the entries that have rows. */
async function* entryTimes(
  vault: Pick<Vault, 'db' | 'store'>,
  tenant: Tenant,
  backup: string,
  request: RequestContext,
): AsyncGenerator<string, void, undefined> {
  const scope = { place: locationOf(tenant), tenant: tenant.tenant, since: entryHour(backup), wanted: () => true };
  for await (const stream of listStreams(vault, scope, request)) {
    const names = namesOf(stream);
    const numbers = [...new Set(names.map(({ n }) => n))];
    for (let at = 0; at < numbers.length; at += PAGE)
      yield* await vault.db.read(
        async (rows) =>
          (await rows.amendments.placed(tenant.tenant, [stream.subject], numbers.slice(at, at + PAGE))).map(
            (row) => row.at,
          ),
        request,
      );
  }
}
