// Processes of each role and operators' commands at work on PostgreSQL, each under its own database user.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { revokeGrantsByCommand } from '../../src/vault/access/revoke-by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { eraseRecording } from '../../src/vault/erasure/erase-recording.ts';
import { createFirstIngestKey } from '../../src/vault/keys/ingest/create.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { rewrapTenant } from '../../src/vault/keys/rewrap/rewrap.ts';
import { raiseGeneration } from '../../src/vault/keys/rotation.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey, revokeApiKey } from '../../src/vault/people/api-keys.ts';
import { deactivatePrincipal } from '../../src/vault/people/deactivate.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { runStartupTasks, startBackgroundWork } from '../../src/work.ts';
import { type SteppingUp, stepUp, withPasskey } from '../support/changes.ts';
import { makeTenantFixtures } from '../support/derived/fixtures.ts';
import { type Document, operationsIn } from '../support/derived/operations.ts';
import { callersOf, idOf, idsFor } from '../support/derived/probe.ts';
import { needs } from '../support/needs.ts';
import { type UsersWorld, usersWorld } from '../support/postgres-users.ts';
import { decideWithProof } from '../support/proofs.ts';
import { sealTenant } from '../support/sealed-tenant.ts';
import { wav } from '../support/wav.ts';

const { present, reason } = needs('postgresql');
const by = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

describe.skipIf(!present)(`under the database user of its role ${reason}`, () => {
  let at: UsersWorld;
  beforeAll(async () => {
    at = await usersWorld();
  });
  afterAll(() => at?.end());

  const read = async (reply: Response | Promise<Response>) => {
    const { status } = await reply;
    return { status, body: (await (await reply).json()) as Record<string, unknown> };
  };

  /** Runs every round of a process's background work once. Returns what failed. */
  const rounds = async (vault: Vault): Promise<string[]> => {
    const ticks: (() => Promise<void>)[] = [];
    const failures: string[] = [];
    const failed = (name: string, error: unknown) => failures.push(`${name}: ${String(error)}`);
    const clock = {
      ...vault.clock,
      every: (_milliseconds: number, tick: () => Promise<void>) => {
        ticks.push(tick);
        return () => undefined;
      },
    };
    await runStartupTasks({ ...vault, clock }, failed);
    const stop = startBackgroundWork({ ...vault, clock }, failed);
    for (const tick of ticks) await tick();
    await stop();
    return failures;
  };

  it('ingest takes calls, transcripts and records of calls', async () => {
    const { world } = at;
    const { key } = world.harbour.uploader;
    const recording = await world.deposited(world.harbour, 'one', wav(3_000), { 'vault-meta-agent': 'otto' });
    const text = { type: 'text/vtt', body: 'WEBVTT\n\n00:00.000 --> 00:00.100\nHello\n', key };
    expect((await world.call('PUT', `/v1/recordings/${recording}/transcripts/en`, text)).status).toBe(201);
    const patch = { key, json: { agent: 'ada' }, headers: { 'content-type': 'application/merge-patch+json' } };
    expect((await world.call('PATCH', '/v1/ingest/pbx/one', patch)).status).toBe(200);
    expect((await world.call('PATCH', '/v1/ingest/pbx/later', patch)).status).toBeLessThan(300);
    expect((await world.call('GET', '/v1/ingest/pbx/one', { key })).status).toBe(200);
    const again = await world.ingest(world.harbour, 'one', wav(3_000));
    expect(again.status).toBe(200);
    expect((await world.ingest(world.harbour, 'broken', wav(100).subarray(0, 20))).status).toBe(415);
  });

  it('console and listen serve requests, decisions by passkey, sessions, audio, comments and changes', async () => {
    const { world } = at;
    const { harbour } = world;
    const { ids } = await makeTenantFixtures(world, harbour);
    const reviewer = { key: harbour.reviewer.key };
    const audio = await world.call('GET', `/v1/sessions/${ids.ses}/media`, reviewer);
    expect([audio.status, (await audio.arrayBuffer()).byteLength > 0]).toEqual([200, true]);
    expect((await world.call('DELETE', `/v1/sessions/${ids.ses}`, reviewer)).status).toBeLessThan(300);
    const supervisor = await withPasskey(world, harbour.tenant, harbour.supervisor.id);
    const decided = await decideWithProof(supervisor, { request: ids.req ?? '', decision: 'approve' });
    expect(decided.status).toBe(200);
    const { grant } = (await decided.json()) as { grant: { id: string } };
    const revoked = await supervisor.browser.call('POST', `/v1/grants/${grant.id}/revoke`, {
      json: { reason: 'ended' },
    });
    expect(revoked.status).toBe(200);
    expect((await world.call('GET', `/v1/recordings/${ids.rec}/activity`, { key: harbour.auditor.key })).status).toBe(
      200,
    );
  });

  it('console applies changes of each kind that it applies at once', async () => {
    const { world } = at;
    const { harbour } = world;
    const privacy = await withPasskey(world, harbour.tenant, harbour.privacy.id);
    const admin = await withPasskey(world, harbour.tenant, harbour.admin.id);
    const applied = async (proposer: SteppingUp, approver: SteppingUp, json: object) => {
      await stepUp(proposer);
      const { status, body } = await read(proposer.browser.call('POST', '/v1/changes', { json }));
      expect([json, status, status === 201 ? '' : body]).toEqual([json, 201, '']);
      await stepUp(approver);
      const done = await read(approver.browser.call('POST', `/v1/changes/${String(body['id'])}/approve`));
      expect([json, done.status, done.status === 200 ? '' : done.body]).toEqual([json, 200, '']);
    };
    const settings = { time_zone: 'Asia/Shanghai', searchable: ['order'], default_basis: 'contract' };
    await applied(privacy, admin, { kind: 'settings', note: 'new ones', settings });
    const people = [{ name: 'Nia', roles: ['reviewer'] }];
    await applied(admin, privacy, { kind: 'people', note: 'a reviewer joins', people });
    const inForce = await read(privacy.browser.call('GET', '/v1/policy'));
    expect(inForce.status).toBe(200);
  });

  it('every operation is answered, whatever it finds', async () => {
    const { world } = at;
    const document = (await (await world.call('GET', '/openapi.json')).json()) as Document;
    const ways = await callersOf(world, world.yunhai);
    const made = await makeTenantFixtures(world, world.yunhai);
    await sealTenant({ ...world, vault: at.vaultOf('work') }, world.yunhai.tenant);
    await maintainIngestKeys(at.vaultOf('work'), wait());
    const failures: string[] = [];
    for (const operation of operationsIn(document)) {
      if (operation.method === 'DELETE' && operation.ids.length === 0) continue;
      const ids = idsFor(operation, (kind) => idOf(made, kind, operation.name));
      for (const way of ways.filter(({ role }) => operation.roles?.includes(role) ?? role === 'reviewer')) {
        const { path, sent } = operation.call(ids);
        const reply = await way.call(operation.method, path, sent);
        if (reply.status >= 500)
          failures.push(`${operation.name} as ${way.role}: ${reply.status} ${await reply.text()}`);
        await reply.body?.cancel().catch(() => undefined);
      }
    }
    expect(failures).toEqual([]);
  });

  it('operators’ commands run', async () => {
    const vault = at.vaultOf('operator');
    const people = { admin: 'Ada', approvers: ['Sue'], approverAgeHours: 0, apiKeyDecisions: true };
    const what = { name: 'Third', country: 'GB', defaultBasis: 'consent', consent: 'any', ...people } as const;
    const { tenant } = await createTenant(vault, by, what, wait());
    const person = { tenant, kind: 'person', name: 'Rita', roles: ['reviewer'], owners: [] } as const;
    const principal = await addPrincipal(vault, by, person, wait());
    const key = await createApiKey(vault, by, { tenant, principal, days: 1, scopes: null }, wait());
    await revokeApiKey(vault, by, key.id, null, wait());
    await deactivatePrincipal(vault, by, tenant, principal, wait());
    const { harbour } = at.world;
    const listened = await at.world.deposited(harbour, 'to-revoke', wav(2_000));
    await at.world.session(harbour, await at.world.grant(harbour, listened));
    const of = { recording: listened };
    const revoked = await revokeGrantsByCommand(vault, by, harbour.tenant, of, 'by command', wait());
    expect(revoked).toHaveLength(1);
    await createFirstIngestKey(vault, by, tenant, wait());
    await raiseGeneration(vault, by, tenant, wait());
    await rewrapTenant(vault, by, tenant, { rate: 1000, concurrency: 2, sample: 0 }, () => undefined, wait());
    await suspendTenant(vault, by, tenant, wait());
    await resumeTenant(vault, by, tenant, wait());
    const recording = await at.world.deposited(at.world.harbour, 'to-erase', wav(2_000));
    await eraseRecording(vault, by, { tenant: at.world.harbour.tenant, recording, reason: 'request' }, wait());
  });

  it('work expires, stores, indexes, erases and forgets, and the others do their rounds', async () => {
    const { world } = at;
    expect(await rounds(at.vaultOf('work'))).toEqual([]);
    const recording = await world.deposited(world.harbour, 'left-open', wav(2_000));
    await world.session(world.harbour, await world.grant(world.harbour, recording));
    const json = { recording, purpose: 'quality', reason: 'left open', minutes: 15 };
    await world.call('POST', '/v1/access-requests', { key: world.harbour.colleague.key, json });
    world.forward(30 * 24 * 3_600_000);
    for (const use of ['work', 'all', 'ingest', 'listen', 'console'] as const)
      expect([use, await rounds(at.vaultOf(use))]).toEqual([use, []]);
    world.forward(366 * 24 * 3_600_000);
    expect(await maintainIngestKeys(at.vaultOf('work'), wait())).toBeGreaterThan(0);
    const done = await world.vault.db.read(async (rows) => {
      const events = await rows.log.events(world.harbour.tenant, 0, 10_000);
      return events.map(({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as { action: string; object: object });
    }, wait());
    const actions = new Set(done.map(({ action }) => action));
    for (const action of [
      'access.expired',
      'grant.expired',
      'session.ended',
      'sign_in.ended',
      'change.expired',
      'recording.erased',
    ])
      expect([action, actions.has(action)]).toEqual([action, true]);
    const erased = done.find(({ action }) => action === 'recording.erased');
    // Before PostgreSQL 17 only the owner of a table may vacuum it.
    expect(erased?.object).toMatchObject({ database: expect.stringMatching(/^(kept-until-vacuum|freed)/) as string });
  });

  it.each(['ingest', 'listen', 'console', 'work', 'all'] as const)('%s is ready', async (use) => {
    const { db } = at.vaultOf(use);
    await db.check(wait());
    expect(await db.claimOrigin(at.world.vault.settings.origin, wait())).toBe(true);
    expect(await db.claimOrigin('elsewhere.example', wait())).toBe(false);
  });
});
