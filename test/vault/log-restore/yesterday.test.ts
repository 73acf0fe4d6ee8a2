// Yesterday's database put back: it is held, and once its log is restored, what was revoked since is revoked again.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Caller } from '../../../src/model/principal.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { eraseRecording } from '../../../src/vault/erasure/erase-recording.ts';
import { addPrincipal } from '../../../src/vault/people/add-principal.ts';
import { createApiKey, revokeApiKey } from '../../../src/vault/people/api-keys.ts';
import { deactivatePrincipal } from '../../../src/vault/people/deactivate.ts';
import { removeRoles } from '../../../src/vault/people/remove-roles.ts';
import { suspendTenant } from '../../../src/vault/tenants/suspension.ts';
import { ENGINES } from '../../support/engines.ts';
import { api, requestAndOpen } from '../../support/fault-client.ts';
import { minuteSignal } from '../../support/fault-deployment.ts';
import { needs } from '../../support/needs.ts';
import { depositCall, outcomeOf } from '../../support/rebuilt-tenant.ts';
import { startUp } from '../../support/restorable.ts';
import {
  eventsIn,
  restored,
  type SealedDeployment,
  sealAll,
  sealedDeployment,
  verified,
} from '../../support/sealed-deployment.ts';

const by = operatorActor('op-1');
const python = needs('python-cryptography');

describe.each(ENGINES)('yesterday’s database on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');
  let of: SealedDeployment;
  let [tenant, heard, erased]: [string, string, string] = ['', '', ''];
  let people: Record<'rob' | 'sam' | 'admin', string>;
  let [robsKey, spare] = ['', { id: '', secret: '' }];

  beforeEach(async () => {
    of = await sealedDeployment(engine);
    tenant = of.people.tenant;
    const { vault, url } = await of.start();
    const add = (name: string, roles: readonly ('reviewer' | 'supervisor' | 'admin')[]) =>
      addPrincipal(vault, by, { tenant, kind: 'person', name, roles, owners: [] }, minuteSignal());
    people = {
      rob: await add('Rob', ['reviewer']),
      sam: await add('Sam', ['reviewer', 'supervisor']),
      admin: await add('Ada', ['admin']),
    };
    const key = (principal: string) =>
      createApiKey(vault, by, { tenant, principal, days: 1, scopes: null }, minuteSignal());
    robsKey = (await key(people.rob)).secret;
    spare = await key(people.sam);
    heard = (await depositCall(vault, of.people, 'heard')).recording;
    erased = (await depositCall(vault, of.people, 'erased')).recording;
    await requestAndOpen(url, of.people, heard, 'before');
    await requestAndOpen(url, of.people, erased, 'before');
    await sealAll(vault);
    await of.backUp();
  });
  afterEach(() => of.end());

  /** What happens after the backup, in segments alone. */
  async function since(vault: Vault, url: string): Promise<void> {
    await requestAndOpen(url, of.people, heard, 'after');
    await deactivatePrincipal(vault, by, tenant, people.rob, minuteSignal());
    const admin = { tenant, principal: people.admin, kind: 'person', roles: ['admin'], auth: 'api-key' } as const;
    const ada = await createApiKey(
      vault,
      by,
      { tenant, principal: people.admin, days: 1, scopes: null },
      minuteSignal(),
    );
    const caller: Caller = { ...admin, scopes: ['people'], humans: [people.admin], apiKey: ada.id } as never;
    await removeRoles(vault, caller, people.sam, ['supervisor'], minuteSignal());
    await revokeApiKey(vault, by, spare.id, null, minuteSignal());
    // Its process ends before it writes the tombstone.
    await eraseRecording(vault, by, { tenant, recording: erased, reason: 'request' }, minuteSignal());
    await depositCall(vault, of.people, 'new');
    await sealAll(vault);
  }

  const list = (url: string, secret: string) => outcomeOf(api(`${url}/v1/recordings`, secret, 'GET'));
  const stateOf = (vault: Vault, log: string) => vault.db.read((rows) => rows.log.state(log), minuteSignal());

  it('is held at the start: no piece, no change; other commands end it in order', async () => {
    const before = await of.start();
    await since(before.vault, before.url);
    await of.restore();
    // Another machine: its uses of keys are not counted yet, and the held log takes no event about them.
    Object.assign(of.deployment.env, { CALLVAULT_NODE: 'node-2' });
    const { vault, url } = await of.start();
    const failed = await startUp(vault);
    expect(failed[0]).toBe('compare logs: integrity');
    expect(await stateOf(vault, tenant)).toMatchObject({ held: 'behind' });
    expect(await stateOf(vault, 'deployment')).toMatchObject({ held: 'behind' });
    expect(await outcomeOf(depositCall(vault, of.people, 'later'))).toBe('audit_unavailable');
    expect(await list(url, of.people.reviewer)).toContain('callvault log restore');
    // The deployment's log first: the last transaction writes to both.
    await expect(restored(vault, tenant)).rejects.toThrow('callvault log restore deployment first');
    await restored(vault, 'deployment');
    expect(await stateOf(vault, tenant)).toMatchObject({ held: 'behind' });
    const { revoked } = await restored(vault, tenant);
    expect(revoked?.counts).toMatchObject({ people: 1, roles: 1, api_keys: 1, recordings: 1, grants: 1 });
    expect(await startUp(vault)).toEqual([]);
  });

  it('keeps revoked what was revoked since, ends all grants, and goes on at the next index', async () => {
    const before = await of.start();
    await since(before.vault, before.url);
    const published = await eventsIn(before.vault, tenant);
    await of.restore();
    const { vault, url } = await of.start();
    await startUp(vault);
    await restored(vault, 'deployment');
    const done = await restored(vault, tenant);
    expect(await startUp(vault)).toEqual([]);
    const after = await eventsIn(vault, tenant);
    expect(after.slice(0, published.length)).toEqual(published);
    expect(after[published.length]).toMatchObject({
      action: 'log.restored',
      object: { from: done.from, to: published.length - 1 },
    });
    const rows = await vault.db.read(
      async (all) => ({
        rob: await all.principals.find(tenant, people.rob),
        sam: await all.principals.find(tenant, people.sam),
        key: await all.principals.apiKey(spare.id),
        call: await all.recordings.find(tenant, erased),
        grants: await all.access.grants(tenant, { liveAt: await all.now() }, null, 10),
        sessions: await all.sessions.liveIn(tenant),
        requests: await all.access.requests(tenant, { state: 'REQUESTED' }, null, 10),
      }),
      minuteSignal(),
    );
    expect(rows).toMatchObject({
      rob: { state: 'OFF' },
      sam: { state: 'ACTIVE', roles: ['reviewer'] },
      key: { state: 'REVOKED' },
      call: { facts: null },
      ...{ grants: [], sessions: [], requests: [] },
    });
    expect(['ERASING', 'ERASED']).toContain(rows.call?.state);
    expect(await list(url, robsKey)).toContain('401');
    expect(await list(url, spare.secret)).toContain('401');
    expect(await list(url, of.people.reviewer)).toBe('done');
    // The tenant works: a new request, a new session, and the seals go on.
    await requestAndOpen(url, of.people, heard, 'again');
    await sealAll(vault);
    if (!python.present) return;
    const { findings } = await verified(vault, tenant);
    expect(findings).toEqual([]);
  });

  it('stays suspended if the tenant was suspended since', async () => {
    const before = await of.start();
    await suspendTenant(before.vault, by, tenant, minuteSignal());
    await sealAll(before.vault);
    await of.restore();
    const { vault } = await of.start();
    await startUp(vault);
    await restored(vault, 'deployment');
    expect((await restored(vault, tenant)).revoked?.counts).toMatchObject({ tenant: 1 });
    const row = await vault.db.read((rows) => rows.tenants.find(tenant), minuteSignal());
    expect(row?.state).toBe('SUSPENDED');
  });
});
