// An attacker who took over an ingest node: with its keys, its API and its database user, no access can be given.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { AUTHORITY_TABLES } from '../../src/envelope/authority.ts';
import { createApp } from '../../src/http/app.ts';
import type { Grant } from '../../src/model/access.ts';
import type { DatabaseUse } from '../../src/model/database-rights.ts';
import type { Caller } from '../../src/model/principal.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { withMac } from '../../src/vault/core/authority/authority-rows.ts';
import { event, operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { createLink } from '../../src/vault/sign-in/links.ts';
import { needs } from '../support/needs.ts';
import { withOtherConnection } from '../support/postgres-database.ts';
import { codeOf, DENIED, type UsersWorld, usersWorld } from '../support/postgres-users.ts';
import { wav } from '../support/wav.ts';

const { present, reason } = needs('postgresql');
const by = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

/** The state of PostgreSQL behind an error of the vault. */
function stateBehind(error: unknown): unknown {
  const { cause } = error as { readonly cause?: { readonly code?: unknown; readonly cause?: unknown } };
  return cause?.code === 'database_unavailable' ? stateBehind(cause) : cause?.code;
}

describe.skipIf(!present)(
  `an attacker with the keys, the API and the database user of an ingest node ${reason}`,
  () => {
    let at: UsersWorld;
    let request: string;
    let grant: string;
    let caller: (who: 'reviewer' | 'supervisor') => Caller;
    const json = (recording: string) => ({ recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 });
    /** The attacker's own program over what the node has: every use case, and rows with valid MACs. */
    const attacker = (use: DatabaseUse): Vault => {
      const vault = at.vaultOf(use);
      return { ...vault, settings: { ...vault.settings, role: 'all' } };
    };
    beforeAll(async () => {
      at = await usersWorld();
      const { world } = at;
      const { harbour } = world;
      const recording = await world.deposited(harbour, 'attacked', wav(2_000));
      grant = await world.grant(harbour, recording);
      const asked = { key: harbour.reviewer.key, json: json(await world.deposited(harbour, 'attacked-2', wav(2_000))) };
      request = ((await (await world.call('POST', '/v1/access-requests', asked)).json()) as { id: string }).id;
      caller = (who) => ({
        ...{ tenant: harbour.tenant, principal: harbour[who].id, kind: 'person', roles: [who], auth: 'api-key' },
        ...{ apiKey: `key_${harbour[who].key.split('_')[1]}`, humans: [harbour[who].id] },
        scopes: ['request', 'listen', 'decide'],
      });
    });

    afterAll(() => at?.end());

    const columnsOf = async (table: string): Promise<string[]> => {
      const { fields } = await withOtherConnection(at.owner, (client) =>
        client.query(`select * from "${table}" limit 0`),
      );
      return fields.map(({ name }) => name);
    };

    /** A grant for anyone on any recording, with a MAC under the tenant's key. */
    const insertGrant = async (vault: Vault): Promise<string> => {
      const { tenant } = at.world.harbour;
      const row = await vault.db.read((rows) => rows.tenants.find(tenant), wait());
      if (row === null) throw new Error('there is no such tenant');
      const metadataKey = await vault.metadataKeys.get(row, wait());
      const made = await at.world.vault.db.read((rows) => rows.access.grant(tenant, grant), wait());
      const { mac: _mac, ...copied } = made as Grant;
      const forged = withMac(metadataKey, 'access_grant', {
        ...copied,
        id: newId('grt'),
        request: newId('req'),
        usesLeft: 9,
      });
      await vault.db.change(async (tx) => {
        await tx.access.insertGrant(forged);
        return { result: null, events: [event(tenant, by, 'tenant.resumed', { id: tenant }, {})] };
      }, wait());
      return forged.id;
    };

    it('inserts no grant, although its MAC would be valid', async () => {
      await expect(insertGrant(attacker('ingest')).catch(stateBehind)).resolves.toBe(DENIED);
      // The MAC does not stop it: under another user the same program makes a grant that opens a session.
      const { world } = at;
      const forged = await insertGrant(attacker('all'));
      expect(
        (await world.call('POST', `/v1/grants/${forged}/sessions`, { key: world.harbour.reviewer.key })).status,
      ).toBe(201);
    });

    it.each<[string, (vault: Vault) => Promise<unknown>]>([
      ['approves no request', (vault) => approve(vault, caller('supervisor'), request, {}, wait())],
      ['opens no session', (vault) => openSession(vault, caller('reviewer'), grant, wait())],
      [
        'adds no person',
        (vault) => {
          const person = { kind: 'person', name: 'Eve', roles: ['supervisor'], owners: [] } as const;
          return addPrincipal(vault, by, { tenant: at.world.harbour.tenant, ...person }, wait());
        },
      ],
      [
        'creates no API key',
        (vault) => {
          const { tenant, reviewer } = at.world.harbour;
          return createApiKey(vault, by, { tenant, principal: reviewer.id, days: 1, scopes: null }, wait());
        },
      ],
      [
        'creates no sign-in link',
        (vault) => {
          const { tenant, reviewer } = at.world.harbour;
          return createLink(vault, by, { tenant, principal: reviewer.id, minutes: 5, replacePasskeys: false }, wait());
        },
      ],
    ])('%s', async (_name, attack) => {
      await expect(attack(attacker('ingest')).catch(stateBehind)).resolves.toBe(DENIED);
    });

    it('writes no row of a table that gives access, by any statement', async () => {
      const allowed: string[] = [];
      await withOtherConnection(at.urlOf('ingest'), async (client) => {
        for (const table of AUTHORITY_TABLES) {
          const own = await columnsOf(table);
          const statements = [
            ...own.map((column) => `insert into "${table}" ("${column}") values (null)`),
            ...own.map((column) => `update "${table}" set "${column}" = null`),
            ...[`delete from "${table}"`, `truncate "${table}"`, `select 1 from "${table}" for update`],
            `merge into "${table}" as t using (select 1) as s on true when matched then delete`,
          ];
          for (const statement of statements) if ((await codeOf(client, statement)) !== DENIED) allowed.push(statement);
        }
      });
      expect(allowed).toEqual([]);
    });

    it('finds no route of the node that decides or opens', async () => {
      const app = createApp(at.vaultOf('ingest'));
      const { supervisor, reviewer } = at.world.harbour;
      const answers = [
        [`/v1/access-requests/${request}/approve`, supervisor.key],
        [`/v1/grants/${grant}/sessions`, reviewer.key],
        ['/v1/changes', at.world.harbour.admin.key],
      ].map(async ([path = '', key = '']) => {
        const sent = { method: 'POST', headers: { authorization: `Bearer ${key}` } };
        return (await app.request(path, sent)).status;
      });
      expect(await Promise.all(answers)).toEqual([404, 404, 404]);
    });
  },
);
