// Requests, grants and sessions of the bare minimum. It checks MACs and versions, and no policy.
import { newId } from '../../../../src/bytes/ids.ts';
import { type AuthorityTable, authorityMac } from '../../../../src/envelope/authority.ts';
import { sealColumn } from '../../../../src/envelope/column.ts';
import { type BareCaller, requireMac } from './caller.ts';
import type { BareVault, Row } from './vault.ts';

const HOUR_MS = 3_600_000;
const REQUEST_HOURS = 72;
/** Sessions that a grant allows, as in the policy of a new tenant. */
const USES = 3;

/** The changes that lead to a session. Each returns the JSON of its reply. */
export function accessOf(vault: BareVault) {
  const { db, tenant, metadataKey, append, write, policy } = vault;
  const mac = (table: AuthorityTable, row: Row): Buffer => authorityMac(metadataKey, table, row);
  const insertInto = (table: string, columns: string) => {
    const names = columns.split(' ');
    return db.prepare(
      `insert into ${table} (${names.map((name) => `"${name}"`).join()}) values (${names.map((name) => `@${name}`).join()})`,
    );
  };
  const find = (table: string) => db.prepare(`select * from ${table} where tenant = ? and id = ?`);
  const [requests, grants, sessions] = [find('access_request'), find('access_grant'), find('session')];
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
  const decided = db.prepare(`update access_request set state = 'APPROVED', version = version + 1, mac = null
    where tenant = ? and id = ? and version = ?`);
  const used = db.prepare(`update access_grant set uses_left = ?, state = ?, version = ?, mac = ?
    where tenant = ? and id = ? and version = ?`);
  const ended = db.prepare(`update session set state = 'ENDED', version = version + 1, ended = ?, reason = 'closed',
    mac = null where tenant = ? and id = ? and principal = ? and state = 'LIVE'`);
  const one = (changes: number): void => {
    if (changes !== 1) throw new Error('a row changed meanwhile');
  };

  return {
    ask: (
      by: BareCaller,
      { recording, purpose, reason, minutes }: Readonly<Record<string, string | number>>,
    ): object => {
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
      write(() => {
        addRequest.run({ ...row, mac: mac('access_request', row) });
        append({ action: 'access.requested', by, object, recording: String(recording), detail: { reason } });
      });
      return { id, state: 'requested', expires };
    },
    approve: (by: BareCaller, id: string, origin: string): object =>
      write(() => {
        const request = requireMac(vault, 'access_request', requests.get(tenant, id) as Row | undefined);
        const now = Date.now();
        const approved = new Date(now).toISOString();
        const expires = new Date(now + Number(request['minutes']) * 60_000).toISOString();
        const { recording, requester, purpose, objects, minutes } = request;
        const decision = {
          ...{ tenant, request: id, approver: by.id, decision: 'approve', at: approved },
          ...{ words: null, minutes: null, objects: null },
        };
        addDecision.run({ ...decision, mac: mac('decision', decision) });
        one(decided.run(tenant, id, request['version']).changes);
        const grant = {
          ...{ tenant, id: newId('grt'), request: id, recording, person: requester, purpose, objects },
          ...{ state: 'APPROVED', version: 1, approved, expires, uses: USES, uses_left: USES },
        };
        addGrant.run({ ...grant, mac: mac('access_grant', grant) });
        const object = {
          ...{ api_key: by.apiKey, approvals: 1, expires, grant: grant.id, id, minutes, objects, recording },
          type: 'request',
        };
        append({ action: 'access.approved', by, object, recording: String(recording), detail: { origin } });
        return { id, state: 'approved', grant: { id: grant.id, expires } };
      }),
    open: (by: BareCaller, id: string, origin: string): object =>
      write(() => {
        const grant = requireMac(vault, 'access_grant', grants.get(tenant, id) as Row | undefined);
        const { recording, request, purpose, expires } = grant;
        const left = Number(grant['uses_left']) - 1;
        const opened = new Date().toISOString();
        if (grant['person'] !== by.id || left < 0 || String(expires) <= opened) throw new Error('no such grant');
        const version = Number(grant['version']) + 1;
        const after = { ...grant, uses_left: left, state: left === 0 ? 'CONSUMED' : 'APPROVED', version };
        one(used.run(left, after.state, version, mac('access_grant', after), tenant, id, grant['version']).changes);
        const session = {
          ...{ tenant, id: newId('ses'), grant: id, recording, principal: by.id, state: 'LIVE', version: 1 },
          ...{ opened, ends: expires, ranges: 0, bytes: 0 },
        };
        addSession.run({ ...session, mac: mac('session', session) });
        const object = {
          ...{ api_key: by.apiKey, ends: expires, grant: id, id: session.id, purpose, recording, request },
          type: 'session',
        };
        append({ action: 'session.opened', by, object, recording: String(recording), detail: { origin } });
        return { id: session.id, state: 'live', ends: expires };
      }),
    close: (by: BareCaller, id: string): object =>
      write(() => {
        const session = sessions.get(tenant, id) as Row | undefined;
        const now = new Date().toISOString();
        one(ended.run(now, tenant, id, by.id).changes);
        const { grant, recording, ranges, bytes, opened } = session ?? {};
        const seconds = Math.round((Date.parse(now) - Date.parse(String(opened))) / 1000);
        const object = { bytes, grant, id, ranges, reason: 'closed', recording, seconds, type: 'session' };
        append({ action: 'session.ended', by, object, recording: String(recording) });
        return { id, state: 'ended' };
      }),
  };
}
