// Later facts in the bare minimum, from a platform and from people: the new facts in the row, an entry of the recording's
// stream, and its event, in one transaction. It has no ranks of who said what: what comes last counts.
import { canonicalBytes, type Json } from '../../../../src/bytes/canonical-json.ts';
import { newId } from '../../../../src/bytes/ids.ts';
import { entryDigest, readTail, sealEntry } from '../../../../src/envelope/amendments/entry.ts';
import { blindIndex, type IndexLabel, naturalKey } from '../../../../src/envelope/blind-index.ts';
import { openColumn, sealColumn } from '../../../../src/envelope/column.ts';
import type { BareCaller } from './caller.ts';
import { type Asked, firstOf, type Row, requireChange, type Work } from './rows.ts';
import type { BareVault } from './vault.ts';

type Facts = Readonly<Record<string, Json>>;

/** Facts of the bench's changes that a search finds. */
const INDEXED: readonly IndexLabel[] = ['agent', 'queue', 'ticket', 'interaction'];

/** Changes of facts, each of which runs in a transaction. They return the JSON of their replies. */
export function amender(vault: BareVault) {
  const { rows, tenant, metadataKey, append } = vault;
  const ofCall = rows.prepare('select * from recording where tenant = ? and "natural" = ?');
  const single = rows.prepare('select * from recording where tenant = ? and id = ?');
  const last = rows.prepare('select * from amendment where tenant = ? and subject = ? order by n desc limit 1');
  const add = rows.prepare('insert into amendment (tenant, subject, n, at, entry, stored) values (?, ?, ?, ?, ?, 0)');
  const store = rows.prepare(
    'update recording set facts = ?, version = version + 1 where tenant = ? and id = ? and version = ?',
  );
  const forget = rows.prepare('delete from blind_index where tenant = ? and recording = ? and label = ?');
  const index = rows.prepare(
    'insert into blind_index (tenant, recording, label, value, started_at) values (?, ?, ?, ?, ?)',
  );

  function* change(
    by: BareCaller,
    recording: Row | undefined,
    set: Facts,
    detail?: (before: Facts) => object,
  ): Work<Row> {
    const id = String(recording?.['id']);
    const column = { tenant, row: id, column: 'facts' };
    const before = JSON.parse(openColumn(metadataKey, column, recording?.['facts'] as Buffer).toString()) as Facts;
    const [row] = yield* firstOf(last(tenant, id));
    const tail =
      row === undefined
        ? null
        : readTail(metadataKey, { tenant, subject: id }, Number(row['n']), String(row['at']), row['entry'] as Buffer);
    const event = newId('evt');
    const body = { v: 1, op: 'facts', why: 'recording.amended', by: by.id, set };
    const entry = sealEntry(metadataKey, { tenant, subject: id, event, body }, tail, new Date().toISOString());
    const facts = sealColumn(metadataKey, column, canonicalBytes({ ...before, ...set }));
    const indexed = INDEXED.filter((label) => label in set).flatMap((label): Asked[] => {
      const value = blindIndex(metadataKey, label, String(set[label]).toLowerCase());
      return [forget(tenant, id, label), index(tenant, id, label, value, recording?.['started_at'])];
    });
    const names = Object.keys(set).sort();
    const object = { entry: entryDigest(entry.bytes), id, n: entry.n, set: names.join(' '), subject: id };
    const made = {
      id: event,
      action: 'recording.amended',
      by,
      object: { ...object, type: 'recording' },
      recording: id,
    };
    const changes = [
      store(facts, tenant, id, recording?.['version']),
      add(tenant, id, entry.n, entry.at, entry.bytes),
      ...indexed,
    ];
    const sealed = detail === undefined ? {} : { detail: detail(before) };
    const [changed] = yield* append(changes, { ...made, ...sealed });
    requireChange(changed);
    return { recording: id, state: String(recording?.['state']).toLowerCase(), set: names };
  }

  return {
    amend: function* (by: BareCaller, source: string, call: string, set: Facts): Work<object> {
      const natural = blindIndex(metadataKey, 'natural', naturalKey(source, call, '0'));
      const [recording] = yield* firstOf(ofCall(tenant, natural));
      if (recording?.['depositor'] !== by.id) throw new Error('another service’s call');
      return yield* change(by, recording, set);
    },
    correct: function* (by: BareCaller, id: string, etag: string, { reason, ...set }: Facts): Work<Row> {
      const [recording] = yield* firstOf(single(tenant, id));
      if (etag !== `"${String(recording?.['version'])}"`) throw new Error('the recording has changed');
      const was = (before: Facts): Facts =>
        Object.fromEntries(Object.keys(set).map((name) => [name, before[name] ?? null]));
      return yield* change(by, recording, set, (before) => ({ reason, was: JSON.stringify(was(before)) }));
    },
  };
}
