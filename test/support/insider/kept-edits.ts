// Edits of rows of what keeps recordings, and of ingest keys: a function for each line of the table in docs/operations/insider-edits.md.
import type { Row } from '../rows-by-sql.ts';
import type { Copy } from './copies.ts';
import type { Edit, Edits } from './log-edits.ts';

const ID = '01n8j3r6syef1s3e13g4gxtv3d';

export const KEPT_EDITS: Edits = {
  'An older version of the retention rules is in force again': async (copy) =>
    inForce(copy, (await versions(copy))[0]?.['id'] ?? null),
  'No retention rules are in force': (copy) => inForce(copy, null),
  'A version of the retention rules is added': async (copy) =>
    copy.sql.insert('retention', { ...(await versions(copy))[1], id: `ret_${ID}` }),
  'A version of the retention rules is removed': async (copy) =>
    copy.sql.remove('retention', { id: (await versions(copy))[0]?.['id'] }),
  'A version of the retention rules says what another does': async (copy) => {
    const [older, newer] = await versions(copy);
    await copy.sql.set('retention', { id: newer?.['id'] }, { body: older?.['body'], mac: older?.['mac'] });
  },
  'The row of a notice is added': onFirst('notice', (copy, row) =>
    copy.sql.insert('notice', { ...row, id: `ntc_${ID}` }),
  ),
  'The row of a notice is removed': onFirst('notice', (copy, row) => copy.sql.remove('notice', { id: row['id'] })),
  'The text of a notice is changed': onFirst('notice', (copy, row) =>
    copy.sql.set('notice', { id: row['id'] }, { text: Buffer.alloc(64, 1) }),
  ),
  'The row of a withdrawal is added': onFirst('withdrawal', (copy, row) =>
    copy.sql.insert('withdrawal', { ...row, id: `wdr_${ID}` }),
  ),
  'The row of a withdrawal is removed': onFirst('withdrawal', async (copy, row) => {
    await copy.sql.remove('withdrawal_index', { withdrawal: row['id'] });
    await copy.sql.remove('withdrawal', { id: row['id'] });
  }),
  'A withdrawal is of older calls alone': onFirst('withdrawal', (copy, row) =>
    copy.sql.set('withdrawal', { id: row['id'] }, { at: '2020-01-01T00:00:00.000Z' }),
  ),
  'A withdrawal is for other purposes': onFirst('withdrawal', (copy, row) =>
    copy.sql.set('withdrawal', { id: row['id'] }, { purposes: 'quality' }),
  ),
  'A withdrawal is of another caller': onFirst('withdrawal_index', (copy, row) =>
    copy.sql.set('withdrawal_index', { withdrawal: row['withdrawal'] }, { value: Buffer.alloc(16, 1) }),
  ),
  'The row of a hold is removed': async (copy) => {
    const { id } = await hold(copy, 'ACTIVE');
    for (const { recording } of (await ofTenant(copy, 'hold_recording')).filter((row) => row['hold'] === id))
      await copy.sql.remove('hold_recording', { hold: id, recording });
    await copy.sql.remove('hold', { id });
  },
  'A hold is lifted by SQL': async (copy) =>
    copy.sql.set('hold', { id: (await hold(copy, 'ACTIVE'))['id'] }, { state: 'LIFTED' }),
};

/** Senders seal to the current key: an older one may be one that was stolen. */
export const INGEST_EDITS: Edits = {
  'An older ingest key is current again': async (copy) => {
    const [older, newer] = await ingestKeys(copy);
    await copy.sql.set('ingest_key', { id: newer?.['id'] }, { state: 'OLD' });
    await copy.sql.set('ingest_key', { id: older?.['id'] }, { state: 'CURRENT' });
  },
  'The row of an ingest key is added': async (copy) =>
    copy.sql.insert('ingest_key', { ...(await ingestKeys(copy))[0], id: `ink_${ID}` }),
  'The row of an ingest key is removed': async (copy) =>
    copy.sql.remove('ingest_key', { id: (await ingestKeys(copy))[0]?.['id'] }),
};

function inForce({ sql, history: { tenant } }: Copy, retention: unknown): Promise<void> {
  return sql.set('tenant', { tenant }, { retention });
}

async function ofTenant({ sql, history }: Copy, table: string): Promise<Row[]> {
  return (await sql.all(table)).filter((row) => row['tenant'] === history.tenant);
}

/** The older version, then the newer one. */
async function versions(copy: Copy): Promise<Row[]> {
  return (await ofTenant(copy, 'retention')).sort((one, other) => (String(one['id']) < String(other['id']) ? -1 : 1));
}

/** The older ones, then the current one. */
async function ingestKeys(copy: Copy): Promise<Row[]> {
  return (await ofTenant(copy, 'ingest_key')).sort((one, other) => (String(one['id']) < String(other['id']) ? -1 : 1));
}

async function hold(copy: Copy, state: string): Promise<Row> {
  const found = (await ofTenant(copy, 'hold')).find((row) => row['state'] === state);
  if (found === undefined) throw new Error(`the history has no hold that is ${state}`);
  return found;
}

function onFirst(table: string, edit: (copy: Copy, row: Row) => Promise<void>): Edit {
  return async (copy) => {
    const [row] = await ofTenant(copy, table);
    if (row === undefined) throw new Error(`the history has no row in ${table}`);
    await edit(copy, row);
  };
}
