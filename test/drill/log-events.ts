// Events of a large log: calls that are uploaded, requested, approved and heard, as the service writes them.
import { newId } from '../../src/bytes/ids.ts';
import type { Database } from '../../src/ports/database.ts';

/** Who does it: their ids, the ids of their API keys, and the version of the policy in force. */
export type LogCast = {
  readonly reviewer: string;
  readonly supervisor: string;
  readonly service: string;
  readonly keys: ReadonlyMap<string, string>;
  readonly policy: string;
};

const IN_A_CHANGE = 800;

/** Writes at least so many events into a log: ten a call, all of them at about the time `start`. */
export async function writeCalls(
  db: Database,
  log: string,
  { reviewer, supervisor, service, keys, policy }: LogCast,
  start: number,
  events: number,
): Promise<void> {
  const at = (minutes: number): string => new Date(start + minutes * 60_000).toISOString();
  /** Of no one type: the drill checks the log instead. */
  const write = (made: readonly unknown[]) =>
    db.change(async () => ({ result: null, events: made as never }), { signal: AbortSignal.timeout(600_000) });
  const by = (id: string) => ({
    type: id.startsWith('svc') ? ('service' as const) : ('person' as const),
    id,
    auth: 'api-key' as const,
  });
  const call = (): readonly unknown[] => {
    const [recording, deposit, asked, grant, session] = [
      newId('rec'),
      newId('dep'),
      newId('req'),
      newId('grt'),
      newId('ses'),
    ];
    const named = { recording, purpose: 'quality' };
    const narrow = { objects: 'audio', minutes: 15 };
    const key = (id: string) => ({ api_key: keys.get(id) });
    const rows: readonly (readonly [by: string, action: string, object: object])[] = [
      [service, 'recording.created', { type: 'recording', id: recording }],
      [service, 'deposit.started', { type: 'deposit', id: deposit, recording, object: 'audio' }],
      [service, 'deposit.committing', { type: 'deposit', id: deposit, recording }],
      [service, 'deposit.available', { type: 'deposit', id: deposit, recording, object: 'audio' }],
      [
        reviewer,
        'access.requested',
        { type: 'request', id: asked, ...named, ...narrow, approvals: 1, policy, ...key(reviewer) },
      ],
      [
        supervisor,
        'access.approved',
        {
          type: 'request',
          id: asked,
          ...named,
          ...narrow,
          person: reviewer,
          approvals: 1,
          grant,
          opens_until: at(480),
          expires: at(480),
          ...key(supervisor),
        },
      ],
      [
        reviewer,
        'session.opened',
        { type: 'session', id: session, grant, request: asked, ...named, ends: at(15), ...key(reviewer) },
      ],
      [
        reviewer,
        'session.ended',
        {
          type: 'session',
          id: session,
          grant,
          recording,
          reason: 'closed',
          ranges: 4,
          bytes: 480_000,
          heard_ms: 60_000,
          seconds: 300,
        },
      ],
      [supervisor, 'recording.read', { type: 'recording', id: recording, ...key(supervisor) }],
      [reviewer, 'recording.read', { type: 'recording', id: recording, ...key(reviewer) }],
    ];
    return rows.map(([who, action, object]) => ({
      log,
      id: newId('evt'),
      actor: by(who),
      action,
      object,
      req: newId('evt'),
    }));
  };
  for (let left = events; left > 0; left -= IN_A_CHANGE) {
    await write(Array.from({ length: IN_A_CHANGE / 10 }, call).flat());
  }
}
