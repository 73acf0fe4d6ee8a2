// The bytes of one object of a recording that is copied for the person: counted before they are sent, checked while they are.
import { objectKey, objectPath, type StoredObject } from '../../envelope/object.ts';
import { openReader } from '../../envelope/range.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { isPlaced, servedRangeOf } from '../../model/served-ranges.ts';
import { locationOf } from '../../model/tenant.ts';
import type { Rows } from '../../ports/database.ts';
import type { ServedBytes } from '../../ports/rows/session-rows.ts';
import { storedObject } from '../core/objects/stored-object.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { unwrapDataKey } from '../core/wrapped-keys/data-keys.ts';
import { sessionEnded } from '../listening/count-served.ts';
import { pieceSize } from '../listening/piece-size.ts';
import type { SessionWatch } from '../listening/session-watch.ts';
import type { CopySession } from './copy-session.ts';

type Deps = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'settings'> &
  Pick<Vault, 'metadataKeys' | 'tenantKeks' | 'sessionKeys' | 'logProofs'>;

/** An object of the recording that is read: `audio`, or a transcript. */
export type CopiedObject = {
  readonly type: string;
  readonly bytes: AsyncGenerator<Uint8Array, void, undefined>;
};

/**
 * Opens an object of a session's recording; null where there is none. Its bytes throw `session_ended` and as the store and
 * the key service; nothing of a piece is sent before it was counted in the session's row.
 */
export async function openCopiedObject(
  vault: Deps,
  by: Caller,
  { tenant, session, recording }: CopySession,
  name: string,
  watch: SessionWatch,
  request: RequestContext,
): Promise<CopiedObject | null> {
  const read = async (rows: Rows) => {
    const found = await rows.looks.sessionObject(by.tenant, session.id, { deposit: name, name });
    const several = (found?.object?.parts ?? 1) > 1;
    return { found, parts: several && found !== null ? await rows.deposits.parts(by.tenant, found.deposit.id) : [] };
  };
  const { found, parts } = await vault.db.read(read, request);
  if (found === null || found.object === null || found.key === null) return null;
  const { deposit, object, key } = found;
  const stored = storedObject(deposit, object, parts);
  const unwrap = async () => {
    // Before the key service logs it. Of a session that ended in between, nothing is unwrapped.
    if (!(await vault.db.note(({ sessions }) => sessions.countUnwrap(session), request))) throw sessionEnded();
    return unwrapDataKey(vault, tenant, deposit, key, request);
  };
  const durationMs = name === 'audio' ? recording.durationMs : null;

  const send = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    const piece = pieceSize(stored.size, durationMs);
    const counter = pieceCounter(vault, session, request);
    const { key: dataKey, ended, findings } = await vault.sessionKeys.get(session, deposit.id, unwrap);
    if (ended.aborted) throw sessionEnded();
    const opened = objectKey(dataKey, stored.name);
    try {
      const wait = { signal: AbortSignal.any([request.signal, watch.stopSignal, ended]) };
      const [place, path] = [locationOf(tenant), objectPath(stored)];
      const fetch = (from: number, to: number) => vault.store.read(place, path, from, to, wait);
      const reader = openReader(stored, opened, fetch, findings(stored));
      for (let from = 0; from < stored.size; from += piece) {
        const until = Math.min(from + piece, stored.size);
        await watch.look();
        await counter(servedBytes(stored, { start: from, end: until }, name, durationMs));
        for await (const run of reader.range(from, until)) {
          watch.stopSignal.throwIfAborted();
          if (ended.aborted) throw sessionEnded();
          yield Buffer.concat(run);
        }
      }
    } catch (error) {
      watch.stopSignal.throwIfAborted();
      throw ended.aborted ? sessionEnded() : error;
    } finally {
      opened.zero();
    }
  };
  return { type: object.type, bytes: send() };
}

function servedBytes(
  { size }: StoredObject,
  range: { readonly start: number; readonly end: number },
  name: string,
  durationMs: number | null,
): ServedBytes {
  const bytes = range.end - range.start;
  if (name !== 'audio') return { bytes, servedRange: null };
  return { bytes, servedRange: servedRangeOf(range, size, durationMs), unplaced: !isPlaced(durationMs) };
}

/** Counts pieces in a session's row. Throws `session_ended`, and as `Database.proveLog`. */
function pieceCounter(
  vault: Pick<Vault, 'db' | 'sessionKeys' | 'logProofs'>,
  session: CopySession['session'],
  request: RequestContext,
): (served: ServedBytes) => Promise<void> {
  const { tenant, id } = session;
  let { heard } = session;
  return async (served) => {
    // The session's summary is an event: nothing is sent while the log cannot grow.
    await vault.logProofs.require(tenant, request);
    const counted = await vault.db.note(({ sessions }) => sessions.count({ tenant, id, heard }, served), request);
    if (counted === null) {
      vault.sessionKeys.end(id);
      throw sessionEnded();
    }
    ({ heard } = counted);
  };
}

/** Throws `integrity`: the row of an approved copy without its sound. */
export function requireAudio(audio: CopiedObject | null): CopiedObject {
  if (audio !== null) return audio;
  throw new VaultError('not_available', 'the recording has no audio yet');
}
