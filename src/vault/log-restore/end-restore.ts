// The last transaction of a restore: ends the hold, says so in the log, and revokes again what the events revoked.
import type { SecretKey } from '../../envelope/secret-key.ts';
import type { Actor, NewEvent } from '../../model/audit-event.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { Transaction } from '../../ports/database.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import { unwrapMetadataKey } from '../core/keys-in-memory/metadata-keys.ts';
import type { Permit } from '../core/permit.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { isKeyUnavailable } from '../core/wrapped-keys/key-unavailable.ts';
import { revocationsIn } from './revocations.ts';
import { revokeAgain } from './revoke-again.ts';
import { nothingRevoked, type RevokedAgain } from './revoked-again.ts';

type Deps = Pick<Vault, 'db' | 'keys' | 'sessionKeys'>;

/** A log whose published events are all back. `newest`: how many; `lost`: the size of a checkpoint that is lost, or null. */
type BroughtBack = {
  readonly log: string;
  readonly newest: number;
  readonly lost: number | null;
  readonly also: AlsoAtEnd | undefined;
};

/** Called in the last transaction, for a log whose tenant has a row; returns its events. */
export type AlsoAtEnd = (tx: Transaction) => Promise<readonly NewEvent[]>;

/** The end of a restore: the first and last event that came back, null where none did, and what was revoked again. */
type Ended = {
  readonly size: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly revoked: RevokedAgain;
};

/**
 * Ends the hold of a log. Null where another restore did. Throws `audit_unavailable` where the deployment's log is held, and
 * `conflict` where the permit does not hold any more.
 */
export async function endRestore(
  vault: Deps,
  by: Actor,
  { log, newest, lost, also }: BroughtBack,
  permit: Permit,
  request: RequestContext,
): Promise<Ended | null> {
  const { state, tenant } = await vault.db.read(
    async (rows) => ({ state: await rows.log.state(log), tenant: await rows.tenants.find(log) }),
    request,
  );
  if (state === null) return null;
  const { size } = state;
  const from = state.restoring ?? size;
  const revoked = await revocationsIn(vault, log, { from, to: newest }, request);
  const metadataKey = await keyOf(vault, tenant, request);
  const to = newest > from ? newest - 1 : from - 1;
  const ended = vault.db.change(async (tx) => {
    await permit.check(tx);
    // A tenant without a row has nothing yet that could be revoked.
    const exists = log === DEPLOYMENT || (await tx.tenants.find(log)) !== null;
    const how = { by, credential: {}, request };
    const again = exists ? await revokeAgain(tx, log, revoked, { metadataKey, how }) : nothingRevoked();
    if (!(await tx.log.lift(log, size))) return { result: null, unchanged: true };
    const object = { id: log, from, to, ...(lost === null ? {} : { lost }) };
    // A change of it is in the deployment's log alone.
    const own = log === DEPLOYMENT ? [] : [event(log, by, 'log.restored', object, request)];
    const marked = event(DEPLOYMENT, by, 'log.restored', { ...object, ...permit.marks }, request);
    const restored: NewEvent[] = [...own, marked, ...(await permit.finish(tx, [marked]))];
    const used = metadataKey === null ? [] : [event(log, by, 'key.used', { id: log, why: 'metadata' }, request)];
    const more = exists && also !== undefined ? await also(tx) : [];
    return { result: again, events: [...restored, ...used, ...again.events, ...more], erasures: again.erasures };
  }, request);
  const { result } = await ended.finally(() => metadataKey?.zero());
  if (result === null) return null;
  for (const session of result.sessions) vault.sessionKeys.end(session);
  const back = to >= from;
  return { size, from: back ? from : null, to: back ? to : null, revoked: result };
}

/**
 * The tenant's key; null where there is none or it is unavailable. Its use is in the last transaction, since a held log
 * takes no event before.
 */
async function keyOf(
  { keys }: Pick<Deps, 'keys'>,
  tenant: Tenant | null,
  request: RequestContext,
): Promise<SecretKey | null> {
  if (tenant?.state !== 'ACTIVE') return null;
  try {
    return await unwrapMetadataKey(keys, tenant, request);
  } catch (error) {
    if (isKeyUnavailable(error)) return null;
    throw error;
  }
}
