// People and API keys: lists, pages, sign-out and revocation.
import { describe, expect, it } from 'vitest';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { suspendTenant } from '../../src/vault/tenants/suspension.ts';
import { createSignInLink, signInBrowser } from '../support/browser.ts';
import { wav } from '../support/wav.ts';
import { sharedWorld } from '../support/worlds.ts';

type Person = { readonly id: string; readonly kind: string; readonly name: string | null; readonly roles: string[] };
type ApiKey = { readonly id: string; readonly principal: string; readonly state: string; readonly scopes: string[] };
type List<T> = { readonly data: readonly T[]; readonly next_cursor: string | null };

const world = sharedWorld();

const read = async <T>(path: string, key = world.harbour.admin.key): Promise<List<T>> => {
  const reply = await world.call('GET', path, { key });
  expect(reply.status).toBe(200);
  return (await reply.json()) as List<T>;
};

/** A whole list, read in pages of this size. */
const whole = async <T>(path: string, limit: number): Promise<T[]> => {
  const all: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: List<T> = await read(`${path}?limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(page.data.length).toBeLessThanOrEqual(limit);
    all.push(...page.data);
    cursor = page.next_cursor;
  }
  return all;
};

describe('people', () => {
  it('are listed with names and roles for authorized callers, and each read is counted', async () => {
    const { harbour } = world;
    for (const who of ['admin', 'auditor', 'supervisor'] as const) {
      const { data, next_cursor } = await read<Person>('/v1/people', harbour[who].key);
      expect(next_cursor).toBeNull();
      expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining([harbour.reviewer.id, harbour.uploader.id]));
      expect(data.find(({ id }) => id === harbour.supervisor.id)).toMatchObject({
        kind: 'person',
        name: 'Sue',
        roles: ['supervisor'],
        state: 'active',
        owners: [],
      });
      expect(data.find(({ id }) => id === harbour.uploader.id)).toMatchObject({
        kind: 'service',
        name: 'pbx',
        owners: [harbour.supervisor.id],
      });
    }
    const { data } = await read<{ actor: { id: string } }>('/v1/activity?action=people', harbour.auditor.key);
    expect(data.map(({ actor }) => actor.id).sort()).toEqual(
      [harbour.admin.id, harbour.auditor.id, harbour.supervisor.id].sort(),
    );
  });

  it('are paginated, each once', async () => {
    const all = await read<Person>('/v1/people');
    expect((await whole<Person>('/v1/people', 3)).map(({ id }) => id)).toEqual(all.data.map(({ id }) => id));
  });
});

describe('signing in', () => {
  it('is visible to the admin only: passkeys, browsers, last use, open links', async () => {
    const { harbour } = world;
    await signInBrowser(world, harbour.tenant, harbour.colleague.id);
    await signInBrowser(world, harbour.tenant, harbour.colleague.id);
    await createSignInLink(world, harbour.tenant, harbour.reviewer.id, { minutes: 30 });
    const of = async (id: string, key: string) =>
      (await read<Person>('/v1/people', key)).data.find((person) => person.id === id);
    const nothing = { passkeys: null, sign_ins: null, last_seen: null, link_until: null };
    expect(await of(harbour.colleague.id, harbour.supervisor.key)).toMatchObject(nothing);
    const seen = expect.stringMatching(/^20.*Z$/);
    const { key } = harbour.admin;
    expect(await of(harbour.colleague.id, key)).toMatchObject({
      passkeys: 0,
      sign_ins: 2,
      last_seen: seen,
      link_until: null,
    });
    expect(await of(harbour.reviewer.id, key)).toMatchObject({ sign_ins: 0, last_seen: null, link_until: seen });
  });

  it('is ended everywhere by the admin, with listening sessions', async () => {
    const { harbour } = world;
    const recording = await world.deposited(harbour, 'heard', wav(4000));
    const browsers = [
      await signInBrowser(world, harbour.tenant, harbour.reviewer.id),
      await signInBrowser(world, harbour.tenant, harbour.reviewer.id),
    ];
    const grant = await world.grant(harbour, recording);
    const opened = await browsers[0]?.call('POST', `/v1/grants/${grant}/sessions`);
    const { media } = (await (opened as Response).json()) as { media: string };
    expect((await browsers[0]?.call('GET', media))?.status).toBe(200);
    const admin = await signInBrowser(world, harbour.tenant, harbour.admin.id);
    const reply = await admin.call('POST', `/v1/people/${harbour.reviewer.id}/sign-out`);
    expect(await reply.json()).toEqual({ id: harbour.reviewer.id, state: 'signed-out' });
    for (const browser of browsers) expect((await browser.call('GET', '/v1/me')).status).toBe(401);
    expect((await admin.call('GET', '/v1/me')).status).toBe(200);
    const { data } = await read<{ action: string; actor: object; object: object }>(
      `/v1/activity?action=sign_in.ended,session.ended&person=${harbour.admin.id}`,
      harbour.auditor.key,
    );
    expect(data.map(({ action }) => action).sort()).toEqual(['session.ended', 'sign_in.ended', 'sign_in.ended']);
    expect(data.find(({ action }) => action === 'sign_in.ended')).toMatchObject({
      object: { principal: harbour.reviewer.id, reason: 'signed-out' },
    });
    // A person without sessions cannot be signed out.
    const again = await admin.call('POST', `/v1/people/${harbour.reviewer.id}/sign-out`);
    expect(again.status).toBe(409);
  });
});

describe('API keys', () => {
  it('are listed newest first, page by page, with their owners and never a secret', async () => {
    const { harbour } = world;
    const drawn = await world.keyOf(harbour.tenant, harbour.reviewer.id, ['read']);
    const { data } = await read<ApiKey>('/v1/api-keys');
    expect(data[0]).toMatchObject({
      id: drawn.id,
      principal: harbour.reviewer.id,
      principal_name: 'Rita',
      scopes: ['read'],
      state: 'active',
      expires: drawn.expires,
    });
    expect(JSON.stringify(data)).not.toMatch(/cv_|hash/);
    expect((await whole<ApiKey>('/v1/api-keys', 4)).map(({ id }) => id)).toEqual(data.map(({ id }) => id));
  });

  it('that have ended say so', async () => {
    const { harbour } = world;
    const { id } = await world.keyOf(harbour.tenant, harbour.reviewer.id, null, 1);
    world.sql.prepare("update api_key set expires = '2020-01-01T00:00:00.000Z' where id = ?").run(id);
    await world.reseal();
    expect((await read<ApiKey>('/v1/api-keys')).data[0]).toMatchObject({ id, state: 'expired' });
  });

  it('are revoked by an admin: the next request is rejected, and the log names the admin', async () => {
    const { harbour } = world;
    const { id, secret } = await world.keyOf(harbour.tenant, harbour.reviewer.id);
    expect((await world.call('GET', '/v1/recordings', { key: secret })).status).toBe(200);
    const reply = await world.call('POST', `/v1/api-keys/${id}/revoke`, { key: harbour.admin.key });
    expect(await reply.json()).toEqual({ id, state: 'revoked' });
    expect(reply.headers.get('vault-audit')).toMatch(new RegExp(`^vault.example/${harbour.tenant} \\d+ `));
    expect((await world.call('GET', '/v1/recordings', { key: secret })).status).toBe(401);
    expect((await read<ApiKey>('/v1/api-keys')).data[0]).toMatchObject({ id, state: 'revoked' });
    const { data } = await read<{ actor: object; object: object }>(
      '/v1/activity?action=api_key.revoked',
      harbour.auditor.key,
    );
    expect(data[0]).toMatchObject({
      actor: { id: harbour.admin.id, type: 'person' },
      object: { type: 'api_key', id, principal: harbour.reviewer.id },
    });
  });
});

it('while the tenant is suspended people have no names, and keys can be revoked', async () => {
  const { vault, harbour } = world;
  const { id, secret } = await world.keyOf(harbour.tenant, harbour.reviewer.id);
  await suspendTenant(vault, operatorActor('op-1'), harbour.tenant, { signal: AbortSignal.timeout(600_000) });
  const { data } = await read<Person>('/v1/people');
  expect(new Set(data.map(({ name }) => name))).toEqual(new Set([null]));
  const headers = { 'idempotency-key': 'k' };
  const reply = await world.call('POST', `/v1/api-keys/${id}/revoke`, { key: harbour.admin.key, headers });
  expect(reply.status).toBe(200);
  expect((await world.call('GET', '/v1/recordings', { key: secret })).status).toBe(401);
});
