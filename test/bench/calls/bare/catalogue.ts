// Metadata of the bare minimum: one recording, a page of the list, a search by number.
import { blindIndex } from '../../../../src/envelope/blind-index.ts';
import { openColumn } from '../../../../src/envelope/column.ts';
import type { BareCaller } from './caller.ts';
import { type Asked, type Row, rowsOf, type Work } from './rows.ts';
import type { BareVault } from './vault.ts';

const PAGE = 51;
const COUNTED_MS = 300_000;

/** Reads of metadata: each is a change, which appends its event, and then the reads of its reply. */
export function catalogueOf(vault: BareVault) {
  const { rows, tenant, metadataKey, append } = vault;
  const page = rows.prepare(`select * from recording where tenant = ? and (state != 'EXPECTED' or described = 1)
    order by started_at desc, id desc limit ${PAGE}`);
  const found =
    rows.prepare(`select r.* from blind_index i join recording r on r.tenant = i.tenant and r.id = i.recording
    where i.tenant = ? and i.label = 'phone' and i.value = ? order by i.started_at desc, i.recording desc limit ${PAGE}`);
  const single = rows.prepare('select * from recording where tenant = ? and id = ?');
  const deposits = rows.prepare(`select recording, object, id, verified_at from deposit
    where tenant = ? and recording in (${rows.elements}) and state = 'AVAILABLE'`);
  const requests =
    rows.prepare(`select r.recording, r.id, r.state, r.purpose, r.expires, g.id as grant_id, g.expires as until
    from access_request r left join access_grant g on g.tenant = r.tenant and g.request = r.id
    where r.tenant = ? and r.requester = ? and r.recording in (${rows.elements}) order by r.id`);
  const count = rows.prepare(`insert into "window" (tenant, action, subject, target, start, count)
    values (?, 'catalogue.read', ?, ?, ?, 1) on conflict (tenant, action, subject, target) do update
    set count = case when "window".start = excluded.start then "window".count + 1 else 1 end, start = excluded.start
    returning count`);

  const ofRecording = (list: readonly Row[]): Map<unknown, Row[]> => {
    const lists = new Map<unknown, Row[]>();
    for (const row of list) lists.set(row['recording'], [...(lists.get(row['recording']) ?? []), row]);
    return lists;
  };
  const views = function* (by: BareCaller, recordings: readonly Row[]): Work<object[]> {
    const ids = JSON.stringify(recordings.map(({ id }) => id));
    const answers = yield [deposits(tenant, ids), requests(tenant, by.id, ids)];
    const [stored, asked] = answers.map((answer) => ofRecording(answer.rows));
    return recordings.map(({ id, state, started_at, duration_ms, language, facts }) => {
      const column = { tenant, row: String(id), column: 'facts' };
      const opened: unknown = JSON.parse(openColumn(metadataKey, column, facts as Buffer).toString());
      const access = asked?.get(id)?.at(-1) ?? null;
      return { id, state, started_at, duration_ms, language, facts: opened, objects: stored?.get(id) ?? [], access };
    });
  };
  const shown = function* (by: BareCaller, asked: Asked): Work<object> {
    const recordings = yield* rowsOf(asked);
    const data = yield* views(by, recordings.slice(0, PAGE - 1));
    return { data, next_cursor: recordings.length === PAGE ? recordings.at(-2)?.['id'] : null };
  };

  return {
    read: async (by: BareCaller, id: string): Promise<object & { readonly version: number }> => {
      const object = { api_key: by.apiKey, id, type: 'recording' };
      await rows.write(append([], { action: 'recording.read', by, object, recording: id }));
      return rows.read(
        (function* () {
          const found = yield* rowsOf(single(tenant, id));
          return { ...(yield* views(by, found))[0], version: Number(found[0]?.['version']) };
        })(),
      );
    },
    list: async (by: BareCaller): Promise<object> => {
      await rows.write(
        (function* () {
          const start = new Date(Math.floor(Date.now() / COUNTED_MS) * COUNTED_MS).toISOString();
          const [counted] = yield* rowsOf(count(tenant, by.id, tenant, start));
          const object = { id: tenant, type: 'catalogue' };
          if (counted?.['count'] === 1) yield* append([], { action: 'catalogue.read', by, object, recording: null });
        })(),
      );
      return rows.read(shown(by, page(tenant)));
    },
    search: async (by: BareCaller, { number }: { readonly number: string }): Promise<object> => {
      const object = { api_key: by.apiKey, by: 'number', id: tenant, type: 'catalogue' };
      await rows.write(append([], { action: 'recording.searched', by, object, recording: null, detail: { number } }));
      return rows.read(shown(by, found(tenant, blindIndex(metadataKey, 'phone', number))));
    },
  };
}
