// Events of the bare minimum: leaves whose members are written in canonical order, so that nothing sorts them.
import { randomBytes, randomUUID } from 'node:crypto';
import { sha256 } from '../../../../src/bytes/digest.ts';
import { newId } from '../../../../src/bytes/ids.ts';
import { sealColumn } from '../../../../src/envelope/column.ts';
import type { SecretKey } from '../../../../src/envelope/secret-key.ts';
import { leafHash } from '../../../../src/model/audit-event.ts';
import type { Answer, Asked, Rows, Work } from './rows.ts';

/** An event. The members of `object` and `detail` are in alphabetical order. */
export type BareEvent = {
  /** Its id, where an entry names it. */
  readonly id?: string;
  readonly action: string;
  readonly by: { readonly id: string; readonly kind: string };
  readonly object: object;
  /** The recording that the event is found by. */
  readonly recording: string | null;
  readonly detail?: object;
};

/** Appends events to the tenant's log, in the caller's transaction; `change` is sent together with them. */
export type AppendEvents = (change: readonly Asked[], ...events: readonly BareEvent[]) => Work<readonly Answer[]>;

const HEAD = `insert into audit_head (log, size, mark) values (?, ?, ?) on conflict (log) do update
  set size = audit_head.size + excluded.size,
  mark = case when audit_head.mark > excluded.mark then audit_head.mark else excluded.mark end returning size, mark`;

/** The log of a tenant. */
export function logOf(
  rows: Rows,
  log: string,
  metadataKey: SecretKey,
  { origin, node }: { readonly origin: string; readonly node: string },
): AppendEvents {
  const head = rows.prepare(HEAD);
  const event = rows.prepare('insert into audit_event (log, seq, id, leaf, hash) values (?, ?, ?, ?, ?)');
  const subject = rows.prepare('insert into audit_subject (log, recording, seq) values (?, ?, ?)');
  const sealed = rows.prepare('insert into audit_detail (log, seq, salt, sealed, recording) values (?, ?, ?, ?, ?)');
  return function* (change, ...events) {
    const answers = yield [...change, head(log, events.length, new Date().toISOString())];
    const { size, mark: ts } = (answers.at(-1)?.rows[0] ?? {}) as { size: number; mark: string };
    const req = randomUUID();
    const added: Asked[] = [];
    for (const [n, { id = newId('evt'), action, by, object, recording, detail }] of events.entries()) {
      const seq = size - events.length + n;
      const actor = { auth: 'api-key', id: by.id, type: by.kind };
      const members = { id, log: `${origin}/${log}`, node, object, outcome: 'ok', req, seq, ts, v: 1 };
      if (detail === undefined) {
        const leaf = Buffer.from(JSON.stringify({ action, actor, ...members }));
        added.push(event(log, seq, id, leaf, leafHash(leaf)));
      } else {
        const [salt, bytes] = [randomBytes(32), Buffer.from(JSON.stringify(detail))];
        const commitment = `sha256:${sha256(salt, bytes).toString('hex')}`;
        const leaf = Buffer.from(JSON.stringify({ action, actor, detail: commitment, ...members }));
        const column = { tenant: log, row: id, column: 'detail' };
        added.push(event(log, seq, id, leaf, leafHash(leaf)));
        added.push(sealed(log, seq, salt, sealColumn(metadataKey, column, bytes), recording));
      }
      if (recording !== null) added.push(subject(log, recording, seq));
    }
    yield added;
    return answers;
  };
}
