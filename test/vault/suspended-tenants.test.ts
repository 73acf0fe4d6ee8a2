// Suspending and resuming tenants; a registered key that only one of them may have.
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { approve } from '../../src/vault/access/decide.ts';
import { requestAccess } from '../../src/vault/access/request-access.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import { openAudio } from '../../src/vault/listening/media.ts';
import { openSession } from '../../src/vault/listening/open.ts';
import { createTenant } from '../../src/vault/tenants/create-tenant.ts';
import { resumeTenant, suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { addPerson, callAudio, wavOf } from '../support/vault.ts';
import { freshVault } from '../support/vaults.ts';

const test = freshVault();
const by = operatorActor('op-1');

const put = (callId: string) => {
  return deposit(test.vault, test.uploader, callAudio(callId, wavOf(100_000)), test.request);
};

async function actionsIn(log: string): Promise<string[]> {
  const events = await test.vault.db.read((rows) => rows.log.events(log, 0, 1000), test.request);
  return events.map(({ leaf }) => (JSON.parse(Buffer.from(leaf).toString()) as { action: string }).action);
}

async function listen() {
  const { recording } = await put('heard');
  const [reviewer, supervisor] = [await addPerson(test, 'reviewer'), await addPerson(test, 'supervisor')];
  const wish = { recording, purpose: 'quality', reason: 'sample', objects: ['audio'], minutes: 5 };
  const { request } = await requestAccess(test.vault, reviewer, wish, test.request);
  const { grant } = await approve(test.vault, supervisor, request.id, {}, test.request);
  const { session } = await openSession(test.vault, reviewer, grant?.id ?? '', test.request);
  const media = await openAudio(test.vault, reviewer, session.id, test.request);
  for await (const piece of media.read(0, 10)) expect(piece).toHaveLength(10);
  return { reviewer, session: session.id, grant: grant?.id ?? '' };
}

describe('a suspended tenant', () => {
  it('accepts nothing, plays nothing, and its live sessions end for good', async () => {
    const { reviewer, session, grant } = await listen();
    expect(await suspendTenant(test.vault, by, test.tenant, test.request)).toBe(1);
    expect(test.vault.sessionKeys.sessions()).toEqual([]);
    await expect(put('late')).rejects.toMatchObject({ code: 'not_available' });
    await expect(openSession(test.vault, reviewer, grant, test.request)).rejects.toMatchObject({
      code: 'not_available',
    });
    expect(await actionsIn(test.tenant)).toEqual(expect.arrayContaining(['tenant.suspended', 'session.ended']));
    expect(await actionsIn('deployment')).toContain('tenant.suspended');

    await resumeTenant(test.vault, by, test.tenant, test.request);
    await expect(openAudio(test.vault, reviewer, session, test.request)).rejects.toMatchObject({
      code: 'session_ended',
    });
    expect((await put('after')).created).toBe(true);
    expect(await actionsIn(test.tenant)).toContain('tenant.resumed');
  });

  it('is suspended and resumed once', async () => {
    const conflict = { code: 'conflict' };
    await expect(resumeTenant(test.vault, by, test.tenant, test.request)).rejects.toMatchObject(conflict);
    const twice = [1, 2].map(() => suspendTenant(test.vault, by, test.tenant, test.request));
    expect((await Promise.allSettled(twice)).map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    await expect(suspendTenant(test.vault, by, test.tenant, test.request)).rejects.toMatchObject(conflict);
    const nobody = 'ten_00000000000000000000000000';
    await expect(suspendTenant(test.vault, by, nobody, test.request)).rejects.toMatchObject({ code: 'not_found' });
    await expect(resumeTenant(test.vault, by, nobody, test.request)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('a registered key', () => {
  const what = { name: 'Other', country: 'GB', defaultBasis: 'consent', admin: 'A', approvers: ['B'] } as const;
  const register = (keyId: string) =>
    createTenant(test.vault, by, { ...what, approverAgeHours: 0, keyId }, test.request);
  const tenants = () => test.vault.db.read((rows) => rows.tenants.all(), test.request);

  it.each([
    '',
    'alias/mine',
    '1234abcd-12ab-34cd-56ef-1234567890ab',
    'arn:aws:kms:eu-central-1:1:key/x',
    'arn:aws:s3:::b',
  ])('must be an ARN and not %j, which leaves nothing behind', async (keyId) => {
    const before = await tenants();
    await expect(register(keyId)).rejects.toMatchObject({ code: 'malformed' });
    expect(await tenants()).toEqual(before);
  });
});

describe('a process of a role', () => {
  it.each([
    ['all', ['deposit', 'catalogue', 'media']],
    ['ingest', ['deposit']],
    ['listen', ['catalogue', 'media']],
    ['console', ['catalogue']],
    ['work', []],
  ] as const)('%s answers for %j and for nothing else', async (role, duties) => {
    const app = createApp({ ...test.vault, settings: { ...test.vault.settings, role } });
    const answers = async (method: string, path: string) =>
      ![404, 405].includes((await app.request(path, { method })).status);
    expect({
      deposit: await answers('PUT', '/v1/ingest/pbx/one'),
      catalogue: await answers('GET', '/v1/recordings'),
      media: await answers('GET', '/v1/sessions/ses_00000000000000000000000000/media'),
    }).toEqual({
      deposit: (duties as readonly string[]).includes('deposit'),
      catalogue: (duties as readonly string[]).includes('catalogue'),
      media: (duties as readonly string[]).includes('media'),
    });
    expect((await app.request('/healthz')).status).toBe(200);
  });
});
