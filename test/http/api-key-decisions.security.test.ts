// Decisions with an API key: off for new tenants, set by the policy only, effective from the next decision; on both engines.
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { authorityKey } from '../../src/vault/core/authority/authority-key.ts';
import { withMac } from '../../src/vault/core/authority/authority-rows.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { setApiKeyDecisions } from '../../src/vault/tenants/api-key-decisions.ts';
import { signInBrowser } from '../support/browser.ts';
import { ENGINES } from '../support/engines.ts';
import { wav } from '../support/wav.ts';
import type { Cast } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const operator = operatorActor('op-1');
const wait = () => ({ signal: AbortSignal.timeout(600_000) });

describe.each(ENGINES)('on $engine, deciding by API key $reason', ({ engine, present }) => {
  const world = sharedWorld({ apiKeyDecisions: false }, engine);
  let recording: string;
  beforeAll(async () => {
    recording = await world.deposited(world.harbour, 'call-1', wav(16_000));
  });

  const ask = async (cast: Cast): Promise<string> => {
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
    const reply = await world.call('POST', '/v1/access-requests', { key: cast.reviewer.key, json });
    return ((await reply.json()) as { id: string }).id;
  };
  const approve = (cast: Cast, id: string): Promise<Response> =>
    world.call('POST', `/v1/access-requests/${id}/approve`, { key: cast.supervisor.key });
  const how = { note: 'by test', alone: false };
  const set = async (allowed: boolean): Promise<string | undefined> => {
    const { body } = await setApiKeyDecisions(world.vault, operator, world.harbour.tenant, allowed, how, wait());
    return body.kind === 'settings' ? body.policy : undefined;
  };

  it.runIf(present)('is off for a new tenant, and a signed-in person can decide', { timeout: 300_000 }, async () => {
    const { harbour } = world;
    const id = await ask(harbour);
    const refused = await approve(harbour, id);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({
      code: 'access_refused',
      checks: expect.arrayContaining([{ check: 'step-up', ok: false, code: 'api_key_decisions_off' }]),
    });
    const json = { reason: 'not needed' };
    const denied = await world.call('POST', `/v1/access-requests/${id}/deny`, { key: harbour.supervisor.key, json });
    await expectProblem(denied, 403, 'access_refused');
    const browser = await signInBrowser(world, harbour.tenant, harbour.supervisor.id);
    expect((await browser.call('POST', `/v1/access-requests/${id}/approve`)).status).toBe(200);
  });

  it.runIf(present)(
    'is allowed or denied from the next decision on, and each change is in the tenant’s log',
    { timeout: 300_000 },
    async () => {
      const { harbour, yunhai } = world;
      const [first, second, third] = [await ask(harbour), await ask(harbour), await ask(harbour)];
      const before = await world.vault.db.read((rows) => rows.tenants.policy(harbour.tenant), wait());
      const on = await set(true);
      expect((await approve(harbour, first)).status).toBe(200);
      const off = await set(false);
      await expectProblem(await approve(harbour, second), 403, 'access_refused');
      await expect(set(false)).rejects.toMatchObject({ code: 'conflict' });
      const leaves = await world.vault.db.read((rows) => rows.log.events(harbour.tenant, 0, 10_000), wait());
      const changes = leaves
        .map(
          ({ leaf }) => JSON.parse(Buffer.from(leaf).toString()) as { action: string; object: object; actor: object },
        )
        .filter(({ action }) => action === 'policy.changed');
      // Each is an entry of the tenant's stream, after that of its setting.
      const hex = expect.stringMatching(/^[0-9a-f]{64}$/);
      const entry = { sha256: hex, subject: harbour.tenant, entry: hex };
      expect(changes.map(({ object }) => object)).toEqual([
        { type: 'policy', id: on, from: before?.id, api_key_decisions: 'on', ...entry, n: 2 },
        { type: 'policy', id: off, from: on, api_key_decisions: 'off', ...entry, n: 4 },
      ]);
      expect(changes[0]?.actor).toMatchObject({ type: 'operator', id: 'op-1' });
      // The rest of the policy is unchanged, and so are other tenants’.
      const now = await world.vault.db.read((rows) => rows.tenants.policy(harbour.tenant), wait());
      expect(JSON.parse(now?.body ?? '')).toEqual(JSON.parse(before?.body ?? ''));
      const other = await world.vault.db.read((rows) => rows.tenants.policy(yunhai.tenant), wait());
      expect(JSON.parse(other?.body ?? '')).toMatchObject({ apiKeyDecisions: false });
      expect(third).toMatch(/^req_/);
    },
  );

  it.runIf(present)('is not enabled by the column of the tenant’s row', { timeout: 300_000 }, async () => {
    const { harbour } = world;
    const id = await ask(harbour);
    await world.vault.db.change(async (tx) => {
      const row = await tx.tenants.lock(harbour.tenant);
      if (row === null) throw new Error('no tenant');
      await tx.tenants.change(row, { decideByKey: true });
      return {
        result: undefined,
        events: [
          {
            log: harbour.tenant,
            id: 'evt_x',
            actor: operator,
            action: 'log.read',
            object: { type: 'log', id: harbour.tenant },
          },
        ],
      };
    }, wait());
    await expectProblem(await approve(harbour, id), 403, 'access_refused');
  });

  it.runIf(present)(
    'is off for a tenant of an earlier version, whatever its row says, until it is set',
    { timeout: 300_000 },
    async () => {
      const { yunhai } = world;
      const theirs = await world.deposited(yunhai, 'call-9', wav(16_000));
      const json = { recording: theirs, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
      const asked = await world.call('POST', '/v1/access-requests', { key: yunhai.reviewer.key, json });
      const { id } = (await asked.json()) as { id: string };
      await expectProblem(await approve(yunhai, id), 403, 'access_refused');
      const key = await authorityKey(world.vault, yunhai.tenant, wait());
      // A tenant of version 0.1.0: the column is 1, and the newest policy has no such member.
      await world.vault.db.change(async (tx) => {
        const row = await tx.tenants.lock(yunhai.tenant);
        const policy = await tx.tenants.policy(yunhai.tenant);
        if (row === null || policy === null) throw new Error('no tenant');
        await tx.tenants.change(row, { decideByKey: true });
        const { apiKeyDecisions: _, ...older } = JSON.parse(policy.body) as { apiKeyDecisions: boolean };
        const next = { ...policy, id: newId('pol'), body: JSON.stringify({ ...older, v: 1 }) };
        await tx.tenants.insertPolicy(withMac(key, 'policy', next));
        return {
          result: undefined,
          events: [
            {
              log: yunhai.tenant,
              id: 'evt_y',
              actor: operator,
              action: 'log.read',
              object: { type: 'log', id: yunhai.tenant },
            },
          ],
        };
      }, wait());
      await expectProblem(await approve(yunhai, id), 403, 'access_refused');
      await setApiKeyDecisions(world.vault, operator, yunhai.tenant, true, how, wait());
      expect((await approve(yunhai, id)).status).toBe(200);
    },
  );
});

describe('an API key', () => {
  const world = sharedWorld();

  it.each(['reviewer', 'supervisor', 'privacy'] as const)('of a %s expires after at most 90 days', async (role) => {
    const { tenant, [role]: person } = world.harbour;
    await expect(world.keyOf(tenant, person.id, null, 91)).rejects.toMatchObject({
      code: 'malformed',
      message: `an API key of a person with the role ${role} lasts at most 90 days`,
    });
    const { expires } = await world.keyOf(tenant, person.id, null, 90);
    expect(Date.parse(expires) - world.vault.clock.now()).toBeLessThanOrEqual(90 * 86_400_000);
  });

  it('of a service or an auditor expires after at most 730 days', async () => {
    const { tenant, uploader, auditor } = world.harbour;
    for (const { id } of [uploader, auditor]) {
      await world.keyOf(tenant, id, null, 730);
      await expect(world.keyOf(tenant, id, null, 731)).rejects.toMatchObject({ code: 'malformed' });
    }
  });
});
