// Requests, grants and sessions of the bare minimum. It checks MACs and versions, and no policy.
import { newId } from '../../../../src/bytes/ids.ts';
import { type AuthorityTable, authorityMac } from '../../../../src/envelope/authority.ts';
import { sealColumn } from '../../../../src/envelope/column.ts';
import { type BareCaller, requireMac } from './caller.ts';
import { firstOf, type Row, requireChange, type Work } from './rows.ts';
import type { BareVault } from './vault.ts';

const HOUR_MS = 3_600_000;
const REQUEST_HOURS = 72;
/** Sessions that a grant allows, as in the policy of a new tenant. */
const USES = 3;

/** The changes that lead to a session, each of which runs in a transaction. They return the JSON of their replies. */
export function accessOf(vault: BareVault) {
  const { rows, tenant, metadataKey, append, policy } = vault;
  const mac = (table: AuthorityTable, row: Row): Buffer => authorityMac(metadataKey, table, row);
  const insertInto = (table: string, columns: string) => {
    const names = columns.split(' ');
    const statement = rows.prepare(
      `insert into ${table} (${names.map((name) => `"${name}"`).join()}) values (${names.map(() => '?').join()})`,
    );
    return (row: Row) => statement(...names.map((name) => row[name]));
  };
  const find = (table: string) => rows.prepare(`select * from ${table} where tenant = ? and id = ?`);
  const [requests, grants] = [find('access_request'), find('access_grant')];
  const addRequest = insertInto(
    'access_request',
    'tenant id recording requester purpose objects minutes state version created expires approvals_needed policy words mac',
  );
  const addDecision = insertInto('decision', 'tenant request approver decision at words minutes objects mac');
  const addGrant = insertInto(
    'access_grant',
    'tenant id request recording person purpose objects state version approved expires uses uses_left mac',
  );
  const addSession = insertInto(
    'session',
    'tenant id grant recording principal state version opened ends ranges bytes mac',
  );
  const decided = rows.prepare(`update access_request set state = 'APPROVED', version = version + 1, mac = null
    where tenant = ? and id = ? and version = ?`);
  const used = rows.prepare(`update access_grant set uses_left = ?, state = ?, version = ?, mac = ?
    where tenant = ? and id = ? and version = ?`);
  const ended = rows.prepare(`update session set state = 'ENDED', version = version + 1, ended = ?, reason = 'closed',
    mac = null where tenant = ? and id = ? and principal = ? and state = 'LIVE' returning *`);

  return {
    ask: function* (
      by: BareCaller,
      { recording, purpose, reason, minutes }: Readonly<Record<string, string | number>>,
    ): Work<object> {
      const [id, now] = [newId('req'), Date.now()];
      const created = new Date(now).toISOString();
      const expires = new Date(now + REQUEST_HOURS * HOUR_MS).toISOString();
      const words = sealColumn(
        metadataKey,
        { tenant, row: id, column: 'words' },
        Buffer.from(JSON.stringify({ reason })),
      );
      const row = {
        ...{ tenant, id, recording, requester: by.id, purpose, objects: 'audio', minutes, state: 'REQUESTED' },
        ...{ version: 1, created, expires, approvals_needed: 1, policy, words },
      };
      const object = {
        ...{ api_key: by.apiKey, approvals: 1, id, minutes, objects: 'audio', policy, purpose, recording },
        type: 'request',
      };
      const event = { action: 'access.requested', by, object, recording: String(recording), detail: { reason } };
      yield* append([addRequest({ ...row, mac: mac('access_request', row) })], event);
      return { id, state: 'requested', expires };
    },
    approve: function* (by: BareCaller, id: string, origin: string): Work<object> {
      const [found] = yield* firstOf(requests(tenant, id));
      const request = requireMac(vault, 'access_request', found);
      const now = Date.now();
      const approved = new Date(now).toISOString();
      const expires = new Date(now + Number(request['minutes']) * 60_000).toISOString();
      const { recording, requester, purpose, objects, minutes } = request;
      const decision = {
        ...{ tenant, request: id, approver: by.id, decision: 'approve', at: approved },
        ...{ words: null, minutes: null, objects: null },
      };
      const grant = {
        ...{ tenant, id: newId('grt'), request: id, recording, person: requester, purpose, objects },
        ...{ state: 'APPROVED', version: 1, approved, expires, uses: USES, uses_left: USES },
      };
      const object = {
        ...{ api_key: by.apiKey, approvals: 1, expires, grant: grant.id, id, minutes, objects, recording },
        type: 'request',
      };
      const [changed] = yield* append(
        [
          decided(tenant, id, request['version']),
          addDecision({ ...decision, mac: mac('decision', decision) }),
          addGrant({ ...grant, mac: mac('access_grant', grant) }),
        ],
        { action: 'access.approved', by, object, recording: String(recording), detail: { origin } },
      );
      requireChange(changed);
      return { id, state: 'approved', grant: { id: grant.id, expires } };
    },
    open: function* (by: BareCaller, id: string, origin: string): Work<object> {
      const [found] = yield* firstOf(grants(tenant, id));
      const grant = requireMac(vault, 'access_grant', found);
      const { recording, request, purpose, expires } = grant;
      const left = Number(grant['uses_left']) - 1;
      const opened = new Date().toISOString();
      if (grant['person'] !== by.id || left < 0 || String(expires) <= opened) throw new Error('no such grant');
      const version = Number(grant['version']) + 1;
      const after = { ...grant, uses_left: left, state: left === 0 ? 'CONSUMED' : 'APPROVED', version };
      const session = {
        ...{ tenant, id: newId('ses'), grant: id, recording, principal: by.id, state: 'LIVE', version: 1 },
        ...{ opened, ends: expires, ranges: 0, bytes: 0 },
      };
      const object = {
        ...{ api_key: by.apiKey, ends: expires, grant: id, id: session.id, purpose, recording, request },
        type: 'session',
      };
      const [changed] = yield* append(
        [
          used(left, after.state, version, mac('access_grant', after), tenant, id, grant['version']),
          addSession({ ...session, mac: mac('session', session) }),
        ],
        { action: 'session.opened', by, object, recording: String(recording), detail: { origin } },
      );
      requireChange(changed);
      return { id: session.id, state: 'live', ends: expires };
    },
    close: function* (by: BareCaller, id: string): Work<object> {
      const now = new Date().toISOString();
      const [session] = yield* firstOf(ended(now, tenant, id, by.id));
      if (session === undefined) throw new Error('no such session');
      const { grant, recording, ranges, bytes, opened } = session;
      const seconds = Math.round((Date.parse(now) - Date.parse(String(opened))) / 1000);
      const object = { bytes, grant, id, ranges, reason: 'closed', recording, seconds, type: 'session' };
      yield* append([], { action: 'session.ended', by, object, recording: String(recording) });
      return { id, state: 'ended' };
    },
  };
}
