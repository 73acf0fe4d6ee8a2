// Metadata of the bare minimum: one recording, a page of the list, a search by number.
import { blindIndex } from '../../../../src/envelope/blind-index.ts';
import { openColumn } from '../../../../src/envelope/column.ts';
import type { BareCaller } from './caller.ts';
import type { BareVault, Row } from './vault.ts';

const PAGE = 51;
const COUNTED_MS = 300_000;

/** Reads of metadata. Each returns the JSON of its reply. */
export function catalogueOf(vault: BareVault) {
  const { db, tenant, metadataKey, write, append } = vault;
  const page = db.prepare(`select * from recording where tenant = ? and (state != 'EXPECTED' or described = 1)
    order by started_at desc, id desc limit ${PAGE}`);
  const found = db.prepare(`select r.* from blind_index i join recording r on r.tenant = i.tenant and r.id = i.recording
    where i.tenant = ? and i.label = 'phone' and i.value = ? order by i.started_at desc, i.recording desc limit ${PAGE}`);
  const single = db.prepare('select * from recording where tenant = ? and id = ?');
  const deposits = db.prepare(`select recording, object, id, verified_at from deposit
    where tenant = ? and recording in (select value from json_each(?)) and state = 'AVAILABLE'`);
  const requests =
    db.prepare(`select r.recording, r.id, r.state, r.purpose, r.expires, g.id as grant, g.expires as until
    from access_request r left join access_grant g on g.tenant = r.tenant and g.request = r.id
    where r.tenant = ? and r.requester = ? and r.recording in (select value from json_each(?)) order by r.id`);
  const count = db.prepare(`insert into "window" (tenant, action, subject, target, start, count)
    values (@tenant, 'catalogue.read', @subject, @tenant, @start, 1) on conflict do update
    set count = iif(start = excluded.start, count + 1, 1), start = excluded.start returning count`);

  const views = (by: BareCaller, rows: readonly Row[]): object[] => {
    const ids = JSON.stringify(rows.map(({ id }) => id));
    const ofRecording = (list: unknown[]) => {
      const lists = new Map<unknown, Row[]>();
      for (const row of list as Row[]) lists.set(row['recording'], [...(lists.get(row['recording']) ?? []), row]);
      return lists;
    };
    const stored = ofRecording(deposits.all(tenant, ids));
    const asked = ofRecording(requests.all(tenant, by.id, ids));
    return rows.map(({ id, state, started_at, duration_ms, language, facts }) => {
      const column = { tenant, row: String(id), column: 'facts' };
      const opened: unknown = JSON.parse(openColumn(metadataKey, column, facts as Buffer).toString());
      const access = asked.get(id)?.at(-1) ?? null;
      return { id, state, started_at, duration_ms, language, facts: opened, objects: stored.get(id) ?? [], access };
    });
  };
  const shown = (by: BareCaller, rows: unknown[]): object => ({
    data: views(by, (rows as Row[]).slice(0, PAGE - 1)),
    next_cursor: rows.length === PAGE ? (rows as Row[]).at(-2)?.['id'] : null,
  });

  return {
    read: (by: BareCaller, id: string): object | undefined => {
      const view = views(by, [single.get(tenant, id) as Row])[0];
      const object = { api_key: by.apiKey, id, type: 'recording' };
      write(() => append({ action: 'recording.read', by, object, recording: id }));
      return view;
    },
    list: (by: BareCaller): object => {
      write(() => {
        const start = new Date(Math.floor(Date.now() / COUNTED_MS) * COUNTED_MS).toISOString();
        const { count: reads } = count.get({ tenant, subject: by.id, start }) as { count: number };
        const object = { id: tenant, type: 'catalogue' };
        if (reads === 1) append({ action: 'catalogue.read', by, object, recording: null });
      });
      return shown(by, page.all(tenant));
    },
    search: (by: BareCaller, { number }: { readonly number: string }): object => {
      const object = { api_key: by.apiKey, by: 'number', id: tenant, type: 'catalogue' };
      write(() => append({ action: 'recording.searched', by, object, recording: null, detail: { number } }));
      return shown(by, found.all(tenant, blindIndex(metadataKey, 'phone', number)));
    },
  };
}
