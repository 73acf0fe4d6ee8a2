// Rows: reads return what was written, and lists are in byte order, whatever the engine's locale.
import { describe, expect } from 'vitest';
import type { Recording, RecordingCursor } from '../../src/model/recording.ts';
import type { RecordingFilter } from '../../src/ports/rows/recording-rows.ts';
import {
  accessRequestRow,
  changeWithEvent,
  deposit,
  grant,
  recording,
  recordingOf,
  session,
  wait,
} from '../support/fixture-rows.ts';
import {
  apiKey,
  decisionRow,
  objectRow,
  partOf,
  principal,
  tenant,
  wrappedKeyRow,
} from '../support/more-fixture-rows.ts';
import { type DatabaseCase, inGroup } from './database-fixture.ts';

/** Ids in byte order; every locale orders them differently. */
const ORDERED = ['A', 'B', 'Z', '_', 'a', 'aB', 'ab', 'b', 'z', 'é', 'ä', '录'].sort((a, b) =>
  Buffer.compare(Buffer.from(a), Buffer.from(b)),
);
const MIXED = [...ORDERED].sort((a, b) => a.localeCompare(b));

export function rows(databaseCase: DatabaseCase): void {
  describe('rows', () => {
    const it = inGroup('rows', databaseCase);

    it('are read as they were written', async ({ db }) => {
      const live = { ...session, bytes: 2 ** 40, ranges: 3 };
      const full = { ...deposit, envelope: Buffer.from('{}'), digest: Buffer.alloc(64, 3) };
      await changeWithEvent(db, async (tx) => {
        await tx.tenants.insert(tenant);
        await tx.principals.insert(principal);
        await tx.principals.insertApiKey(apiKey);
        await tx.recordings.insert(recording);
        await tx.deposits.insert(full);
        await tx.wrappedKeys.insert(wrappedKeyRow);
        await tx.deposits.insertObject(objectRow);
        await tx.access.insertRequest(accessRequestRow);
        await tx.access.insertGrant(grant);
        await tx.sessions.insert(live);
      });
      await db.note((notes) => notes.deposits.putPart(full, 'me', partOf(0)), wait);
      await db.note((notes) => notes.deposits.putPart(full, 'me', { ...partOf(0), receipt: 'again' }), wait);
      await db.note((notes) => notes.deposits.putPart(full, 'me', partOf(1)), wait);
      const found = await db.read(
        async (read) => [
          await read.tenants.find('ten_a'),
          await read.principals.find('ten_a', 'usr_a'),
          await read.principals.apiKey('key_a'),
          await read.recordings.find('ten_a', 'rec_a'),
          await read.recordings.byNatural('ten_a', Buffer.from('rec_a')),
          await read.deposits.find('ten_a', 'dep_a'),
          await read.wrappedKeys.find('ten_a', 'dep_a'),
          await read.deposits.object('ten_a', 'dep_a', 'audio'),
          await read.deposits.parts('ten_a', 'dep_a'),
          await read.access.request('ten_a', 'req_a'),
          await read.access.grant('ten_a', 'grt_a'),
          await read.access.grantOf('ten_a', 'req_a'),
          await read.sessions.find('ten_a', 'ses_a'),
        ],
        wait,
      );
      const parts = [{ ...partOf(0), receipt: 'again' }, partOf(1)];
      const natural = [recording, recording];
      expect(found).toEqual([
        tenant,
        principal,
        apiKey,
        ...natural,
        full,
        wrappedKeyRow,
        objectRow,
        parts,
        accessRequestRow,
        grant,
        grant,
        live,
      ]);
    });

    it('of objects are read together: the deposit’s own before the peaks, whichever was written first', async ({
      db,
    }) => {
      const peaks = { ...objectRow, id: 'obj_0', name: 'peaks', size: 12, sealed: 84, parts: 1 };
      const other = { ...objectRow, id: 'obj_1', deposit: 'dep_b', name: 'transcript/en' };
      await changeWithEvent(db, async (tx) => {
        for (const row of [peaks, objectRow, other]) await tx.deposits.insertObject(row);
      });
      const found = await db.read(
        async ({ deposits }) => [await deposits.objects('ten_a', 'dep_a'), await deposits.objects('ten_b', 'dep_a')],
        wait,
      );
      expect(found).toEqual([[objectRow, peaks], []]);
    });

    it('are the same when a change locks them', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.tenants.insert(tenant);
        await tx.recordings.insert(recording);
        await tx.deposits.insert(deposit);
        await tx.access.insertRequest(accessRequestRow);
        await tx.access.insertGrant(grant);
        await tx.sessions.insert(session);
      });
      const held = await changeWithEvent(db, async (tx) => [
        await tx.tenants.share('ten_a'),
        await tx.recordings.lock('ten_a', 'rec_a'),
        await tx.recordings.lockNatural('ten_a', recording.natural),
        await tx.deposits.lock('ten_a', 'dep_a'),
        await tx.access.lockRequest('ten_a', 'req_a'),
        await tx.access.lockGrant('ten_a', 'grt_a'),
        await tx.sessions.lock('ten_a', 'ses_a'),
      ]);
      expect(held).toEqual([tenant, recording, recording, deposit, accessRequestRow, grant, session]);
      const none = await changeWithEvent(db, async (tx) => [
        await tx.tenants.share('ten_b'),
        await tx.recordings.lock('ten_b', 'rec_a'),
        await tx.recordings.lockNatural('ten_b', recording.natural),
        await tx.access.lockGrant('ten_b', 'grt_a'),
      ]);
      expect(none).toEqual([null, null, null, null]);
    });

    it('are in byte order', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        for (const id of MIXED) {
          await tx.tenants.insert({ ...tenant, tenant: id, key: { scheme: 'keyring', id } });
          await tx.tenants.insertPolicy({ tenant: 'ten_a', id, created: '', body: `"${id}"`, change: null, mac: null });
          await tx.principals.insert({ ...principal, id });
          await tx.principals.insertApiKey({ ...apiKey, id, principal: id === 'Z' ? 'usr_z' : 'usr_a' });
          await tx.recordings.insert(recordingOf(id));
          await tx.deposits.insert({ ...deposit, id, object: id, state: 'AVAILABLE' });
          await tx.access.insertRequest({ ...accessRequestRow, id, purpose: id === 'Z' ? 'quality' : id });
          await tx.access.insertDecision({ ...decisionRow, approver: id });
          await tx.sessions.insert({ ...session, id });
        }
      });
      const newest = [...ORDERED].reverse();
      await db.read(async (read) => {
        const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);
        expect((await read.tenants.all()).map((row) => row.tenant)).toEqual(ORDERED);
        expect((await read.tenants.policy('ten_a'))?.id).toBe(newest[0]);
        expect(ids(await read.tenants.policies('ten_a', null, 3))).toEqual(newest.slice(0, 3));
        expect(ids(await read.tenants.policies('ten_a', newest[2] ?? '', 99))).toEqual(newest.slice(3));
        expect(await read.tenants.policies('ten_b', null, 3)).toEqual([]);
        expect(await read.tenants.countPolicies('ten_a', newest[2] ?? '')).toBe(newest.length - 2);
        expect((await read.tenants.policyOf('ten_a', newest[1] ?? ''))?.id).toBe(newest[1]);
        expect(await read.tenants.policyOf('ten_b', newest[1] ?? '')).toBeNull();
        expect(ids(await read.principals.all('ten_a'))).toEqual(ORDERED);
        expect(ids(await read.principals.apiKeys('ten_a', null))).toEqual(ORDERED);
        expect(ids(await read.principals.apiKeys('ten_a', 'usr_z'))).toEqual(['Z']);
        expect(await read.principals.apiKeys('ten_b', null)).toEqual([]);
        expect(ids(await read.principals.page('ten_a', '', 4))).toEqual(ORDERED.slice(0, 4));
        expect(ids(await read.principals.page('ten_a', ORDERED[3] ?? '', 99))).toEqual(ORDERED.slice(4));
        expect(await read.principals.page('ten_b', '', 4)).toEqual([]);
        expect(ids(await read.principals.apiKeyPage('ten_a', null, 3))).toEqual(newest.slice(0, 3));
        expect(ids(await read.principals.apiKeyPage('ten_a', newest[2] ?? '', 99))).toEqual(newest.slice(3));
        expect(await read.principals.apiKeyPage('ten_b', null, 3)).toEqual([]);
        expect(ids(await read.principals.findMany('ten_a', ['é', 'none', 'Z', 'a']))).toEqual(['Z', 'a', 'é']);
        expect(await read.principals.findMany('ten_b', ['Z'])).toEqual([]);
        expect(await read.principals.findMany('ten_a', [])).toEqual([]);
        expect(ids(await read.deposits.available('ten_a', 'rec_a'))).toEqual(ORDERED);
        expect((await read.access.decisions('ten_a', 'req_a')).map(({ approver }) => approver)).toEqual(ORDERED);
        expect(ids(await read.sessions.liveOf('ten_a', 'grt_a'))).toEqual(ORDERED);
        const first = await read.access.requests('ten_a', {}, null, 5);
        expect(ids(first)).toEqual(newest.slice(0, 5));
        expect(ids(await read.access.requests('ten_a', { requester: 'usr_a' }, first[4]?.id ?? '', 5))).toEqual(
          newest.slice(5, 10),
        );
        expect((await read.access.latestRequest('ten_a', 'usr_a', 'rec_a', 'quality'))?.id).toBe('Z');
        const page = await read.recordings.page('ten_a', { indexes: [] }, null, 5);
        expect(ids(page)).toEqual(newest.slice(0, 5));
        const after = await read.recordings.page('ten_a', { indexes: [] }, page[4] ?? null, 100);
        expect(ids(after)).toEqual(newest.slice(5));
      }, wait);
    });

    it('of recordings that were rebuilt are in order of their ids', async ({ db }) => {
      const quarantines = [
        ['rebuilt'],
        ['basis', 'rebuilt'],
        ['integrity'],
        [],
        ['basis', 'integrity', 'rebuilt'],
      ] as const;
      await changeWithEvent(db, async (tx) => {
        for (const [n, quarantine] of quarantines.entries())
          await tx.recordings.insert(recordingOf(`rec_${n}`, { quarantine }));
        await tx.recordings.insert({ ...recordingOf('rec_9', { quarantine: ['rebuilt'] }), tenant: 'ten_b' });
      });
      const rebuilt = async (after: string, limit: number) =>
        (await db.read((read) => read.recordings.rebuilt('ten_a', after, limit), wait)).map(({ id }) => id);
      expect(await rebuilt('', 10)).toEqual(['rec_0', 'rec_1', 'rec_4']);
      expect(await rebuilt('rec_0', 1)).toEqual(['rec_1']);
      expect(await rebuilt('rec_4', 10)).toEqual([]);
    });

    it('of a page are those in its time span with all its indexes, newest call first', async ({ db }) => {
      const at = (hour: number, what: Partial<Recording> = {}): Recording =>
        recordingOf(`rec_${hour}`, { startedAt: `2026-11-25T${hour}:00:00.000Z`, ...what });
      const agent = { label: 'agent', value: Buffer.from('agent') } as const;
      const queue = { label: 'queue', value: Buffer.from('queue') } as const;
      await changeWithEvent(db, async (tx) => {
        for (const row of [at(10), at(11), at(12), at(13), at(14, { state: 'EXPECTED', described: true })]) {
          await tx.recordings.insert(row);
          await tx.recordings.index('ten_a', row.id, [agent, agent]);
        }
        await tx.recordings.insert(at(15, { state: 'EXPECTED', described: false }));
        await tx.recordings.insert({ ...at(16), tenant: 'ten_b' });
        await tx.recordings.index('ten_b', 'rec_16', [agent, queue]);
        await tx.recordings.index('ten_a', 'rec_11', [agent, queue]);
        await tx.recordings.index('ten_a', 'rec_13', [queue]);
      });
      const found = (filter: RecordingFilter, after: RecordingCursor | null = null): Promise<string[]> =>
        db.read(async (read) => (await read.recordings.page('ten_a', filter, after, 3)).map(({ id }) => id), wait);
      expect(await found({ indexes: [] })).toEqual(['rec_14', 'rec_13', 'rec_12']);
      expect(await found({ indexes: [] }, at(12))).toEqual(['rec_11', 'rec_10']);
      expect(await found({ indexes: [agent] })).toEqual(['rec_14', 'rec_12', 'rec_11']);
      expect(await found({ indexes: [queue] })).toEqual(['rec_13', 'rec_11']);
      expect(await found({ indexes: [agent, queue] })).toEqual(['rec_11']);
      expect(await found({ indexes: [{ label: 'queue', value: agent.value }] })).toEqual([]);
      const { startedAt: from } = at(11);
      const { startedAt: to } = at(13);
      expect(await found({ indexes: [], from, to })).toEqual(['rec_12', 'rec_11']);
      expect(await found({ indexes: [], from, to }, at(12))).toEqual(['rec_11']);
    });

    it('that are due are listed oldest first, without others', async ({ db }) => {
      const late = { expires: '2026-11-25T12:10:00.000Z' };
      const later = { expires: '2026-11-25T12:20:00.000Z' };
      await changeWithEvent(db, async (tx) => {
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_2', ...later });
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_1', ...late });
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_0', ...late, state: 'DENIED' });
        await tx.access.insertRequest({ ...accessRequestRow, id: 'req_3' });
        await tx.access.insertGrant({ ...grant, id: 'grt_2', request: 'req_2', ...later, state: 'CONSUMED' });
        await tx.access.insertGrant({ ...grant, id: 'grt_1', request: 'req_1', ...late });
        await tx.access.insertGrant({ ...grant, id: 'grt_0', request: 'req_0', ...late, state: 'REVOKED' });
        await tx.access.insertGrant({ ...grant, id: 'grt_3', request: 'req_3' });
        await tx.sessions.insert({ ...session, id: 'ses_2', ends: later.expires });
        await tx.sessions.insert({ ...session, id: 'ses_1', ends: late.expires });
        await tx.sessions.insert({ ...session, id: 'ses_0', ends: late.expires, state: 'ENDED' });
        await tx.sessions.insert({ ...session, id: 'ses_3' });
        const lease = (id: string, until: string | null) => {
          const held = until === null ? null : { owner: 'me', until };
          return tx.deposits.insert({ ...deposit, id, object: id, state: 'ABORTING', lease: held });
        };
        await lease('dep_2', late.expires);
        await lease('dep_1', later.expires);
        await lease('dep_3', null);
        await lease('dep_0', session.ends);
        await tx.deposits.insert({ ...deposit, id: 'dep_4', lease: null, state: 'ABORTED' });
      });
      const now = '2026-11-25T12:30:00.000Z';
      await db.read(async (read) => {
        const ids = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);
        expect(ids(await read.access.overdueRequests(now, 9))).toEqual(['req_1', 'req_2']);
        expect(ids(await read.access.overdueGrants(now, 9))).toEqual(['grt_1', 'grt_2']);
        expect(ids(await read.access.overdueGrants(now, 1))).toEqual(['grt_1']);
        expect(ids(await read.sessions.overdue(now, 9))).toEqual(['ses_1', 'ses_2']);
        // Deposits that never had a lease come first.
        expect(ids(await read.deposits.stale(now, 9))).toEqual(['dep_3', 'dep_2', 'dep_1']);
      }, wait);
    });

    it('of a cleared deposit are deleted, its key too', async ({ db }) => {
      await changeWithEvent(db, async (tx) => {
        await tx.deposits.insert(deposit);
        await tx.wrappedKeys.insert(wrappedKeyRow);
        await tx.deposits.insertObject(objectRow);
      });
      await db.note((notes) => notes.deposits.putPart(deposit, 'me', partOf(0)), wait);
      await changeWithEvent(db, async (tx) => {
        await tx.wrappedKeys.delete('ten_a', 'dep_a');
        await tx.deposits.clear('ten_a', 'dep_a');
      });
      await db.read(async (read) => {
        expect(await read.wrappedKeys.find('ten_a', 'dep_a')).toBeNull();
        expect(await read.deposits.object('ten_a', 'dep_a', 'audio')).toBeNull();
        expect(await read.deposits.parts('ten_a', 'dep_a')).toEqual([]);
      }, wait);
    });
  });
}
