// Audio of the bare minimum: session and grant are checked and the bytes counted before a range is opened.
import { keyContext } from '../../../../src/envelope/key-context.ts';
import { objectKey, objectPath } from '../../../../src/envelope/object.ts';
import { type ObjectReader, openReader } from '../../../../src/envelope/range.ts';
import { pieceOfBlob } from './blobs.ts';
import { type BareCaller, requireMac } from './caller.ts';
import { type BareVault, FOREVER, type Row } from './vault.ts';

const OBJECT = `select d.id as deposit, o.size, o.heads, o.type, k.key_id, k.wrap, k.wrapped
  from deposit d join object o on o.tenant = d.tenant and o.deposit = d.id and o.name = 'audio'
  join wrapped_key k on k.tenant = d.tenant and k.deposit = d.id
  where d.tenant = ? and d.recording = ? and d.object = 'audio' and d.state = 'AVAILABLE'`;

/** How old the proof that the log can grow may be. */
const PROOF_MS = 1_000;

/** Bytes of a session's audio; `size` is that of the whole. */
export function listener(vault: BareVault) {
  const { db, tenant, keys, write, append, store } = vault;
  const sessions = db.prepare('select * from session where tenant = ? and id = ?');
  const grants = db.prepare('select * from access_grant where tenant = ? and id = ?');
  const recordings = db.prepare('select state, quarantine from recording where tenant = ? and id = ?');
  const objects = db.prepare(OBJECT);
  const count = db.prepare(`update session set ranges = ranges + 1, bytes = bytes + ?
    where tenant = ? and id = ? and state = 'LIVE'`);
  /** Readers of live sessions: the data key is unwrapped, and the object's length proven, once for each. */
  const readers = new Map<string, { readonly deposit: unknown; readonly reader: ObjectReader }>();
  let proven = Number.NEGATIVE_INFINITY;

  const proveLog = (by: BareCaller): void => {
    if (performance.now() - proven < PROOF_MS) return;
    const takenBack = new Error('taken back');
    try {
      write(() => {
        append({ action: 'log.read', by, object: { id: tenant, type: 'log' }, recording: null });
        throw takenBack;
      });
    } catch (error) {
      if (error !== takenBack) throw error;
    }
    proven = performance.now();
  };

  const readerOf = async (session: string, recording: string, object: Row): Promise<ObjectReader> => {
    const known = readers.get(session);
    if (known !== undefined && known.deposit === object['deposit']) return known.reader;
    const [deposit, wrap] = [String(object['deposit']), Number(object['wrap'])];
    const context = keyContext({ use: 'object', tenant, recording, deposit, wrap });
    const wrapped = { scheme: 'keyring', id: String(object['key_id']), wrapped: object['wrapped'] as Buffer } as const;
    const dataKey = await keys.unwrap(wrapped, context, FOREVER);
    const key = objectKey(dataKey, 'audio');
    dataKey.zero();
    const identity = { tenant, recording, deposit, name: 'audio' };
    const stored = { ...identity, size: Number(object['size']), heads: object['heads'] as Buffer, headers: null };
    const path = objectPath(identity);
    const reader = openReader(stored, key, (start, end) => pieceOfBlob(store, path, start, end));
    readers.set(session, { deposit, reader });
    return reader;
  };

  return {
    read: async (by: BareCaller, id: string, range: string | undefined) => {
      const session = requireMac(vault, 'session', sessions.get(tenant, id) as Row | undefined);
      const grant = requireMac(vault, 'access_grant', grants.get(tenant, session['grant']) as Row | undefined);
      const recording = String(session['recording']);
      const state = recordings.get(tenant, recording) as Row | undefined;
      const object = objects.get(tenant, recording) as Row | undefined;
      const now = new Date().toISOString();
      const mine = session['principal'] === by.id && grant['person'] === by.id;
      const live = session['state'] === 'LIVE' && now < String(session['ends']) && now < String(grant['expires']);
      const open = state?.['state'] === 'AVAILABLE' && state['quarantine'] === '' && object !== undefined;
      if (!mine || !live || !open) throw new Error('no such session');
      const size = Number(object['size']);
      const [, from = '0', to = String(size - 1)] = /^bytes=(\d+)-(\d+)?$/.exec(range ?? '') ?? [];
      const [start, end] = [Number(from), Number(to) + 1];
      proveLog(by);
      if (write(() => count.run(end - start, tenant, id)).changes !== 1) throw new Error('the session has ended');
      const pieces: Buffer[] = [];
      const reader = await readerOf(id, recording, object);
      for await (const run of reader.range(start, end)) pieces.push(...run);
      return { type: String(object['type']), bytes: Buffer.concat(pieces), start, size };
    },
    forget: (id: string): void => void readers.delete(id),
  };
}
