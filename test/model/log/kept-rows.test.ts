// What a log says of the rows that keep recordings, and of ingest keys, also after a loss of log and database.
import { describe, expect, it } from 'vitest';
import { compareRows } from '../../../src/model/log/compare-rows.ts';
import type { Leaf } from '../../../src/model/log/leaf.ts';
import { type LoggedKind, type RowFacts, rowsByLog } from '../../../src/model/log/rows-by-log.ts';

const TENANT = 'ten_1';

type Said = readonly [action: string, object: Leaf['object']];

function differences(events: readonly Said[], rows: Partial<Record<LoggedKind, Record<string, RowFacts>>>) {
  const log = rowsByLog();
  const all: readonly Said[] = [['tenant.created', { type: 'tenant', id: TENANT }], ...events];
  for (const [seq, [action, object]] of all.entries())
    log.add({ seq, action, object, outcome: 'ok', actor: { type: 'person', id: 'usr_1' }, ts: '' } as unknown as Leaf);
  const stored = { tenant: { [TENANT]: { state: 'ACTIVE' } }, ...rows };
  const kinds = Object.entries(stored).map(([kind, of]) => [kind as LoggedKind, new Map(Object.entries(of))] as const);
  return compareRows(log, new Map(kinds)).map(({ kind, id, why }) => `${kind} ${id} ${why}`);
}

const version = (id: string): Said => ['retention.changed', { type: 'retention', id, sha256: `of ${id}` }];
const row = (id: string, inForce: string): Record<string, RowFacts> => ({
  [id]: { in_force: inForce, sha256: `of ${id}` },
});
const restored = (from: number, to: number): Said => ['log.restored', { type: 'log', id: TENANT, from, to }];
const replayed = (type: string, id: string): Said => ['amendment.replayed', { type, id }];

describe('rows that keep recordings', () => {
  it('have the newest version of the rules in force', () => {
    const events = [version('ret_1'), version('ret_2')];
    expect(differences(events, { retention: { ...row('ret_1', 'no'), ...row('ret_2', 'yes') } })).toEqual([]);
    expect(differences(events, { retention: { ...row('ret_1', 'yes'), ...row('ret_2', 'no') } })).toEqual([
      'retention ret_1 in_force',
      'retention ret_2 in_force',
    ]);
  });

  it('may lack a version that came back with the log, until a replay writes it again', () => {
    const events = [version('ret_1'), version('ret_2'), restored(2, 3)];
    const before = { retention: row('ret_1', 'yes') };
    expect(differences(events, before)).toEqual([]);
    expect(differences([...events, version('ret_2')], before)).toEqual(['retention ret_2 missing']);
    // A version that has a row says what its event says, and is in force.
    const other = (said: RowFacts) => differences(events, { retention: { ...before.retention, ret_2: said } });
    expect(other({ in_force: 'no', sha256: 'of ret_2' })).toEqual(['retention ret_2 in_force']);
    expect(other({ in_force: 'yes', sha256: 'other' })).toEqual(['retention ret_2 sha256']);
  });

  it('may have a notice, a withdrawal or the end of a hold whose event was lost, after a replay', () => {
    const rows = {
      notice: { 'ntc_1/1/en': {} },
      withdrawal: { wdr_1: { at: '', purposes: '' } },
      hold: { hld_1: { lifted: 'yes' } },
    };
    const placed: Said = ['hold.placed', { type: 'hold', id: 'hld_1' }];
    expect(differences([placed], rows)).toEqual([
      'notice ntc_1/1/en unknown',
      'withdrawal wdr_1 unknown',
      'hold hld_1 lifted',
    ]);
    const after = [placed, replayed('tenant', TENANT), replayed('hold', 'hld_1')];
    expect(differences(after, rows)).toEqual([]);
    expect(differences(after, {})).toEqual(['hold hld_1 missing']);
  });

  it('have a hold until all of it is lifted', () => {
    const lift = (of: Record<string, string>): Said => ['hold.lifted', { type: 'hold', id: 'hld_1', ...of }];
    const placed: Said = ['hold.placed', { type: 'hold', id: 'hld_1' }];
    const some = [placed, lift({ recordings: 'rec_1' })];
    expect(differences(some, { hold: { hld_1: { lifted: 'no' } } })).toEqual([]);
    expect(differences([...some, lift({})], { hold: { hld_1: { lifted: 'no' } } })).toEqual(['hold hld_1 lifted']);
  });
});

describe('rows of ingest keys', () => {
  const created = (id: string, how: string, replaces?: string): Said => [
    'ingest_key.created',
    { type: 'ingest_key', id, how, public: `of ${id}`, ...(replaces === undefined ? {} : { replaces }) },
  ];
  const retired = (id: string): Said => ['ingest_key.retired', { type: 'ingest_key', id }];
  const rebuilt: Said = ['tenant.rebuilt', { type: 'tenant', id: TENANT }];
  const keys = (states: Record<string, string>) => ({
    ingest_key: Object.fromEntries(Object.entries(states).map(([id, state]) => [id, { state, public: `of ${id}` }])),
  });
  const two = [created('ink_1', 'new'), created('ink_2', 'rotated', 'ink_1')];

  it('are current until the next one, and have no row once they are retired', () => {
    expect(differences(two, keys({ ink_1: 'OLD', ink_2: 'CURRENT' }))).toEqual([]);
    const after = [...two, retired('ink_1')];
    expect(differences(after, keys({ ink_2: 'CURRENT' }))).toEqual([]);
    expect(differences(after, keys({ ink_1: 'OLD', ink_2: 'CURRENT' }))).toEqual(['ingest_key ink_1 state']);
  });

  it('are retired again with a restored log, and may have come back otherwise or not at all', () => {
    const lost = [...two, created('ink_3', 'rotated', 'ink_2'), retired('ink_1'), restored(3, 5)];
    expect(differences(lost, keys({ ink_2: 'CURRENT' }))).toEqual([]);
    expect(differences(lost, keys({ ink_1: 'OLD', ink_2: 'CURRENT' }))).toEqual(['ingest_key ink_1 state']);
    // The newer one came back, after which the log has its state again.
    const back = [...lost, created('ink_3', 'restored', 'ink_2')];
    expect(differences(back, keys({ ink_2: 'OLD', ink_3: 'CURRENT' }))).toEqual([]);
    expect(differences(back, keys({ ink_2: 'CURRENT', ink_3: 'OLD' }))).toEqual([
      'ingest_key ink_2 state',
      'ingest_key ink_3 state',
    ]);
    expect(differences(back, keys({ ink_2: 'OLD' }))).toEqual(['ingest_key ink_3 missing']);
  });

  it('that came back are old where a newer one is current', () => {
    const back = [...two, created('ink_0', 'restored')];
    expect(differences(back, keys({ ink_0: 'OLD', ink_1: 'OLD', ink_2: 'CURRENT' }))).toEqual([]);
    // Of a newer one the log alone came back: this one is the newest row.
    const alone = [...two, restored(1, 3), created('ink_1', 'restored')];
    expect(differences(alone, keys({ ink_1: 'CURRENT' }))).toEqual([]);
  });

  it('of a rebuilt tenant have all come back by an event, also where the log is a new one', () => {
    const all = [rebuilt, created('ink_1', 'restored'), created('ink_2', 'restored', 'ink_1')];
    expect(differences(all, keys({ ink_1: 'OLD', ink_2: 'CURRENT' }))).toEqual([]);
    expect(differences(all, keys({ ink_0: 'OLD', ink_1: 'OLD', ink_2: 'CURRENT' }))).toEqual([
      'ingest_key ink_0 unknown',
    ]);
  });
});
