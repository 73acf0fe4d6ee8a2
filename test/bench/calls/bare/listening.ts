// Audio of the bare minimum: session and grant are checked and the bytes counted before a range is opened.
import { keyContext } from '../../../../src/envelope/key-context.ts';
import { objectKey, objectPath } from '../../../../src/envelope/object.ts';
import { type ObjectReader, openReader } from '../../../../src/envelope/range.ts';
import { type BareCaller, requireMac } from './caller.ts';
import { firstOf, type Row, requireChange, type Work } from './rows.ts';
import { type BareVault, FOREVER } from './vault.ts';

const SESSION = 'from session s';
const OF_SESSION = 'where s.tenant = ? and s.id = ?';
const GRANT = `${SESSION} join access_grant g on g.tenant = s.tenant and g.id = s.grant`;
const RECORDING = `${SESSION} join recording r on r.tenant = s.tenant and r.id = s.recording`;
const OBJECT = `${SESSION} join deposit d on d.tenant = s.tenant and d.recording = s.recording
  join object o on o.tenant = d.tenant and o.deposit = d.id and o.name = 'audio'
  join wrapped_key k on k.tenant = d.tenant and k.deposit = d.id
  ${OF_SESSION} and d.object = 'audio' and d.state = 'AVAILABLE'`;

/** How old the proof that the log can grow may be. */
const PROOF_MS = 1_000;

/** Bytes of a session's audio; `size` is that of the whole. */
export function listener(vault: BareVault) {
  const { rows, tenant, keys, append, blobs } = vault;
  const sessions = rows.prepare(`select s.* ${SESSION} ${OF_SESSION}`);
  const grants = rows.prepare(`select g.* ${GRANT} ${OF_SESSION}`);
  const recordings = rows.prepare(`select r.state, r.quarantine ${RECORDING} ${OF_SESSION}`);
  const objects = rows.prepare(
    `select d.id as deposit, o.size, o.heads, o.type, k.key_id, k.wrap, k.wrapped ${OBJECT}`,
  );
  const count = rows.prepare(`update session set ranges = ranges + 1, bytes = bytes + ?
    where tenant = ? and id = ? and state = 'LIVE'`);
  /** Readers of live sessions: the data key is unwrapped, and the object's length proven, once for each. */
  const readers = new Map<string, { readonly deposit: unknown; readonly reader: ObjectReader }>();
  let proven = Number.NEGATIVE_INFINITY;
  const takenBack = new Error('taken back');

  const counted = function* (session: string, bytes: number): Work<void> {
    const [answer] = yield [count(bytes, tenant, session)];
    requireChange(answer);
  };

  const proveLog = async (by: BareCaller): Promise<void> => {
    if (performance.now() - proven < PROOF_MS) return;
    const event = { action: 'log.read', by, object: { id: tenant, type: 'log' }, recording: null };
    try {
      await rows.write(
        (function* () {
          yield* append([], event);
          throw takenBack;
        })(),
      );
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
    const reader = openReader(stored, key, (start, end) => blobs.read(path, start, end));
    readers.set(session, { deposit, reader });
    return reader;
  };

  return {
    read: async (by: BareCaller, id: string, range: string | undefined) => {
      const asked = [sessions, grants, recordings, objects].map((statement) => statement(tenant, id));
      const [found, given, state, object] = await rows.read(firstOf(...asked));
      const session = requireMac(vault, 'session', found);
      const grant = requireMac(vault, 'access_grant', given);
      const now = new Date().toISOString();
      const mine = session['principal'] === by.id && grant['person'] === by.id;
      const live = session['state'] === 'LIVE' && now < String(session['ends']) && now < String(grant['expires']);
      const open = state?.['state'] === 'AVAILABLE' && state['quarantine'] === '' && object !== undefined;
      if (!mine || !live || !open) throw new Error('no such session');
      const size = Number(object['size']);
      const [, from = '0', to = String(size - 1)] = /^bytes=(\d+)-(\d+)?$/.exec(range ?? '') ?? [];
      const [start, end] = [Number(from), Number(to) + 1];
      await proveLog(by);
      await rows.write(counted(id, end - start));
      const pieces: Buffer[] = [];
      const reader = await readerOf(id, String(session['recording']), object);
      for await (const run of reader.range(start, end)) pieces.push(...run);
      return { type: String(object['type']), bytes: Buffer.concat(pieces), start, size };
    },
    forget: (id: string): void => void readers.delete(id),
  };
}
