// Auditors of the deployment: they read its log and its people, and nothing of a tenant.
import { beforeAll, describe, expect, it } from 'vitest';
import { leafHash } from '../../src/model/audit-event.ts';
import { changeByCommand } from '../../src/vault/changes/by-command.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { type SteppingUp, withPasskey } from '../support/changes.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

const WAIT = () => ({ signal: AbortSignal.timeout(60_000) });
type Listed = { data: Record<string, unknown>[]; names?: Record<string, string> };

describe('an auditor of the deployment', () => {
  const world = sharedWorld();
  let auditor: SteppingUp;
  let operator: SteppingUp;
  beforeAll(async () => {
    auditor = await withPasskey(world, 'deployment', await world.operator('audit-1', 'auditor'));
    operator = await withPasskey(world, 'deployment', await world.operator('day-shift'));
  }, 300_000);

  const get = async (path: string, who = auditor) => {
    const reply = await who.browser.call('GET', path);
    return { status: reply.status, body: (await reply.json()) as Listed };
  };

  it('reads the exact events of its log', async () => {
    const { status, body } = await get('/v1/audit/events?limit=1000');
    expect(status).toBe(200);
    const events = body.data.map(({ log, index, leaf, hash }) => {
      const bytes = Buffer.from(String(leaf), 'base64');
      expect(leafHash(bytes).toString('base64')).toBe(hash);
      return { log, index, ...(JSON.parse(bytes.toString()) as { action: string; object: object }) };
    });
    const log = `${world.vault.settings.origin}/deployment`;
    expect(events.every((one, index) => one.index === index && one.log === log)).toBe(true);
    expect(events.filter(({ action }) => action === 'operator.added').map(({ object }) => object)).toEqual([
      { type: 'person', id: auditor.id, roles: 'auditor', code: 'audit-1' },
      { type: 'person', id: operator.id, roles: 'operator', code: 'day-shift' },
    ]);
  });

  it('has no API key: the deployment has none that could protect it', async () => {
    await expect(world.keyOf('deployment', auditor.id)).rejects.toMatchObject({ code: 'malformed' });
  });

  it('reads it decoded, with staff codes for its people', async () => {
    const { status, body } = await get('/v1/activity?limit=200');
    expect(status).toBe(200);
    expect(body.names).toEqual({ [auditor.id]: 'audit-1', [operator.id]: 'day-shift' });
    expect(body.data.find(({ action }) => action === 'log.read')).toMatchObject({
      ...{ actor: { id: auditor.id, name: 'audit-1' }, detail: null },
    });
    const people = await get('/v1/people');
    expect(people.body.data).toMatchObject([
      { id: auditor.id, name: 'audit-1', roles: ['auditor'] },
      { id: operator.id, name: 'day-shift', roles: ['operator'] },
    ]);
  });

  it('sees no tenant’s changes, keys or settings, and decides nothing', async () => {
    const { tenant, admin } = world.harbour;
    await world.deposited(world.harbour, 'call-1', wav(1000));
    const { browser } = await withPasskey(world, tenant, admin.id);
    const wanted = { kind: 'people', people: [{ name: 'Wei', roles: ['reviewer'] }] } as const;
    const how = { note: 'night shift', alone: false };
    const opened = await changeByCommand(world.vault, operatorActor('night-shift'), tenant, wanted, how, WAIT());
    if (opened.done) throw new Error('the command acted at once');
    const path = `/v1/changes/${opened.change.id}`;
    expect((await get(path, operator)).status).toBe(200);
    expect((await browser.call('GET', path)).status).toBe(200);
    expect((await auditor.browser.call('POST', `${path}/options`)).status).toBe(403);
    for (const verb of ['approve', 'refuse'])
      expect((await auditor.browser.call('POST', `${path}/${verb}`, { json: { reason: 'none' } })).status).toBe(403);
    const closed = ['/v1/keys', '/v1/recordings', '/v1/access-requests', '/v1/api-keys', '/v1/changes', path];
    for (const other of [...closed, '/v1/settings', '/v1/policies', '/v1/policy', '/v1/teams'])
      expect([other, (await get(other)).status]).toEqual([other, 403]);
    const recording = `/v1/recordings/${await world.deposited(world.harbour, 'call-2', wav(1000))}/activity`;
    expect((await get(recording)).status).toBe(403);
  });

  it('is no second person for an operator’s command', async () => {
    const { tenant } = world.yunhai;
    await world.deposited(world.yunhai, 'call-1', wav(1000));
    const act = (code: string) => {
      const wanted = { kind: 'people', people: [{ name: 'Mo', roles: ['reviewer'] }] } as const;
      const how = { note: 'day shift', alone: false };
      return changeByCommand(world.vault, operatorActor(code), tenant, wanted, how, WAIT());
    };
    expect(await act('day-shift')).toMatchObject({ done: true });
    expect(await act('night-shift')).toMatchObject({ done: false, confirmer: 'operator' });
  });

  it('is given no other role, and the operators read no log', async () => {
    await expect(world.operator('audit-1', 'auditor')).rejects.toMatchObject({ code: 'conflict' });
    for (const path of ['/v1/audit/events', '/v1/activity', '/v1/people'])
      expect((await get(path, operator)).status).toBe(403);
  });
});
