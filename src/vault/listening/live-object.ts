// One object of a live session: its rows, read in the snapshot that shows the session live.
import type { StoredObject } from '../../envelope/object.ts';
import { VaultError } from '../../errors.ts';
import type { RequestableObject } from '../../model/policy.ts';
import type { Caller } from '../../model/principal.ts';
import type { Rows } from '../../ports/database.ts';
import type { LiveKey } from '../core/keys-in-memory/session-keys.ts';
import { storedObject } from '../core/objects/stored-object.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { unwrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { sessionEnded } from './count-served.ts';
import { type LiveSession, liveSessionAnd } from './live-session.ts';

type Deps = Pick<Vault, 'db' | 'keys' | 'clock' | 'settings' | 'metadataKeys' | 'tenantKeks' | 'sessionKeys'>;

/** What a session reads: an object of a deposit, and what its grant must cover. */
export type WantedObject = { readonly covered: RequestableObject; readonly deposit: string; readonly name: string };

export type LiveObject = {
  readonly live: LiveSession;
  readonly stored: StoredObject;
  readonly type: string;
  /** The deposit's data key, unwrapped once for the session. */
  readonly key: () => Promise<LiveKey>;
  /** The session again, checked, and that this deposit is still the current one. Throws as `liveSession`, `not_available`. */
  readonly look: () => Promise<LiveSession>;
};

/** An object of a live session. Throws as `liveSession`, `access_refused` (not in the grant), `not_found`. */
export async function liveObject(
  vault: Deps,
  by: Caller,
  id: string,
  wanted: WantedObject,
  request: RequestContext,
): Promise<LiveObject> {
  const read = (rows: Rows) => rows.looks.sessionObject(by.tenant, id, wanted);
  const readWithParts = async (rows: Rows) => {
    const found = await read(rows);
    // Derived objects have one part, and their deposit's part rows are not theirs.
    const several = wanted.name === wanted.deposit && (found?.object?.parts ?? 1) > 1;
    return { found, parts: several && found !== null ? await rows.deposits.parts(by.tenant, found.deposit.id) : [] };
  };
  const { live, more } = await liveSessionAnd(vault, by, id, readWithParts, request);
  requireObjectGranted(live, wanted.covered);
  const { found, parts } = more;
  if (found === null || found.object === null || found.key === null)
    throw new VaultError('not_found', 'there is no such object');
  const { deposit, object, key } = found;
  const { tenant, session } = live;
  const look = async (): Promise<LiveSession> => {
    const again = await liveSessionAnd(vault, by, id, read, request);
    requireSameDeposit(again.more?.deposit.id, deposit.id);
    return again.live;
  };
  return {
    live,
    stored: storedObject(deposit, object, parts),
    type: object.type,
    key: async () => {
      let isNew = false;
      const unwrap = async () => {
        isNew = true;
        // Before the key service logs it. Of a session that ended in between, nothing is unwrapped.
        if (!(await vault.db.note(({ sessions }) => sessions.countUnwrap(session), request))) throw sessionEnded();
        return unwrapDataKey(vault, tenant, deposit, key, request);
      };
      const held = await vault.sessionKeys.get(session, deposit.id, unwrap);
      // A session that ended before this key was in memory had nothing to overwrite: this look finds it, and overwrites.
      if (isNew) await look();
      return held;
    },
    look,
  };
}

/**
 * Throws `not_available` where another deposit has superseded this one. The client must request the object again: its
 * ETag has changed.
 */
export async function requireCurrentDeposit(
  vault: Pick<Vault, 'db'>,
  object: string,
  { tenant, recording, deposit }: StoredObject,
  request: RequestContext,
): Promise<void> {
  const { available } = await vault.db.read((rows) => rows.deposits.ofObject(tenant, recording, object), request);
  requireSameDeposit(available?.id, deposit);
}

function requireSameDeposit(current: string | undefined, deposit: string): void {
  if (current === undefined || current === deposit) return;
  throw new VaultError('not_available', 'the recording was re-encrypted while it was read', { retryAfter: 1 });
}

function requireObjectGranted({ grant }: LiveSession, what: RequestableObject): void {
  if (grant.objects.includes(what)) return;
  const checks = [{ check: 'object-granted', ok: false, code: 'object_not_granted', detail: what }];
  throw new VaultError('access_refused', `the grant does not cover ${what}`, { checks });
}
