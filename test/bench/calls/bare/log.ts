// Events of the bare minimum: leaves whose members are written in canonical order, so that nothing sorts them.
import { randomBytes, randomUUID } from 'node:crypto';
import type SqliteFile from 'better-sqlite3';
import { sha256 } from '../../../../src/bytes/digest.ts';
import { newId } from '../../../../src/bytes/ids.ts';
import { sealColumn } from '../../../../src/envelope/column.ts';
import type { SecretKey } from '../../../../src/envelope/secret-key.ts';
import { leafHash } from '../../../../src/model/audit-event.ts';

/** An event. The members of `object` and `detail` are in alphabetical order. */
export type BareEvent = {
  readonly action: string;
  readonly by: { readonly id: string; readonly kind: string };
  readonly object: object;
  /** The recording that the event is found by. */
  readonly recording: string | null;
  readonly detail?: object;
};

/** Appends events to the tenant's log, in the caller's transaction. */
export type AppendEvents = (...events: readonly BareEvent[]) => void;

const HEAD = `insert into audit_head (log, size, mark) values (?, ?, ?) on conflict (log) do update
  set size = size + excluded.size, mark = max(mark, excluded.mark) returning size, mark`;

/** The log of a tenant. */
export function logOf(
  db: SqliteFile.Database,
  log: string,
  metadataKey: SecretKey,
  { origin, node }: { readonly origin: string; readonly node: string },
): AppendEvents {
  const head = db.prepare(HEAD);
  const event = db.prepare('insert into audit_event (log, seq, id, leaf, hash) values (?, ?, ?, ?, ?)');
  const subject = db.prepare('insert into audit_subject (log, recording, seq) values (?, ?, ?)');
  const sealed = db.prepare('insert into audit_detail (log, seq, salt, sealed, recording) values (?, ?, ?, ?, ?)');
  return (...events) => {
    const { size, mark: ts } = head.get(log, events.length, new Date().toISOString()) as { size: number; mark: string };
    const req = randomUUID();
    for (const [n, { action, by, object, recording, detail }] of events.entries()) {
      const [id, seq] = [newId('evt'), size - events.length + n];
      const actor = { auth: 'api-key', id: by.id, type: by.kind };
      const members = { id, log: `${origin}/${log}`, node, object, outcome: 'ok', req, seq, ts, v: 1 };
      if (detail === undefined) {
        const leaf = Buffer.from(JSON.stringify({ action, actor, ...members }));
        event.run(log, seq, id, leaf, leafHash(leaf));
      } else {
        const [salt, bytes] = [randomBytes(32), Buffer.from(JSON.stringify(detail))];
        const commitment = `sha256:${sha256(salt, bytes).toString('hex')}`;
        const leaf = Buffer.from(JSON.stringify({ action, actor, detail: commitment, ...members }));
        event.run(log, seq, id, leaf, leafHash(leaf));
        const column = { tenant: log, row: id, column: 'detail' };
        sealed.run(log, seq, salt, sealColumn(metadataKey, column, bytes), recording);
      }
      if (recording !== null) subject.run(log, recording, seq);
    }
  };
}
