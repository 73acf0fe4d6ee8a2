// The detail of a denial: the first failed check, in the caller's language.
import { afterEach, describe, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { type KeyHolder, makeWorld, type World, type WorldOptions } from '../support/world.ts';
import { expectProblem } from './problem.ts';

let world: World;
afterEach(() => world.end());

async function begin(options: WorldOptions = {}): Promise<string> {
  world = await makeWorld(options);
  return world.deposited(world.harbour, 'call', wav(1_000));
}

const wish = (recording: string, more: object = {}) => ({
  recording,
  purpose: 'quality',
  reason: 'weekly sample',
  minutes: 15,
  ...more,
});

/** Sends twice, and expects the same denial in English and in Chinese. */
async function refused(
  [method, path, who, json]: readonly [string, string, KeyHolder, unknown?],
  code: string,
  english: string,
  chinese: string,
): Promise<void> {
  for (const [language, detail] of [
    ['en', english],
    ['zh-CN,zh;q=0.9', chinese],
  ] as const) {
    const headers = { 'accept-language': language };
    const sent = { key: who.key, headers, json };
    const problem = await expectProblem(await world.call(method, path, sent), 403, code);
    expect(problem.detail).toBe(detail);
  }
}

async function asked(recording: string): Promise<string> {
  const json = wish(recording);
  const reply = await world.call('POST', '/v1/access-requests', { key: world.harbour.reviewer.key, json });
  return `/v1/access-requests/${((await reply.json()) as { id: string }).id}`;
}

describe('a denied decision', () => {
  it('by a new account names the required age', async () => {
    const path = await asked(await begin({ approverAgeHours: 24 }));
    await refused(
      ['POST', `${path}/approve`, await world.person(world.harbour.tenant, ['supervisor'])],
      'access_refused',
      'You cannot approve yet: your account is less than 24 hours old',
      '您暂时不能审批：账号开通未满 24 小时',
    );
  });

  it('by API key, where the tenant does not allow it, says what to do', async () => {
    const path = await asked(await begin({ apiKeyDecisions: false }));
    for (const [verb, json] of [['approve'], ['deny', { reason: 'not needed' }]] as const)
      await refused(
        ['POST', `${path}/${verb}`, world.harbour.supervisor, json],
        'access_refused',
        'This tenant does not allow decisions by API key: sign in to the console to decide',
        '该租户不允许用 API 密钥审批：请登录控制台审批',
      );
  });

  it('that came too late says so first', async () => {
    const path = await asked(await begin());
    await world.call('POST', `${path}/deny`, { key: world.harbour.supervisor.key, json: { reason: 'not needed' } });
    await refused(
      ['POST', `${path}/approve`, world.harbour.supervisor],
      'access_refused',
      'This request has already been decided or withdrawn',
      '该申请已有审批结果或已撤回',
    );
  });
});

describe('a denied request', () => {
  it('names the maximum time, the purpose, the quarantine', async () => {
    const recording = await begin();
    const { reviewer } = world.harbour;
    const ask = (more: object) => ['POST', '/v1/access-requests', reviewer, wish(recording, more)] as const;
    await refused(
      ask({ minutes: 61 }),
      'access_refused',
      'This purpose allows 1 to 60 minutes',
      '该用途允许的时长为 1 至 60 分钟',
    );
    await refused(
      ask({ purpose: 'curiosity' }),
      'access_refused',
      'The access policy does not allow this purpose',
      '访问策略不允许此用途',
    );
    const aside = await world.deposited(world.harbour, 'no-basis', wav(1_000), { 'vault-meta-basis': 'none' });
    await refused(ask({ recording: aside }), 'access_refused', 'This recording is in quarantine', '此录音已被隔离');
  });
});

describe('listening', () => {
  it('is denied because the uses are spent, or the grant was revoked', async () => {
    const recording = await begin();
    const { reviewer, supervisor } = world.harbour;
    const grant = await world.grant(world.harbour, recording);
    for (let n = 0; n < 3; n++) await world.session(world.harbour, grant);
    const open = ['POST', `/v1/grants/${grant}/sessions`, reviewer] as const;
    await refused(open, 'access_refused', 'All uses of this grant are spent', '此调听授权的次数已用完');
    const other = await world.grant(world.harbour, recording);
    const session = await world.session(world.harbour, other);
    expect((await world.call('POST', `/v1/grants/${other}/revoke`, { key: supervisor.key })).status).toBe(200);
    await refused(
      ['GET', `/v1/sessions/${session}/media`, reviewer],
      'session_ended',
      'The grant of this listening session was revoked',
      '此收听会话的调听授权已被撤销',
    );
  });

  it('to an object outside the grant names that object', async () => {
    const recording = await begin();
    const grant = await world.grant(world.harbour, recording, { objects: ['transcript'] });
    const session = await world.session(world.harbour, grant);
    await refused(
      ['GET', `/v1/sessions/${session}/media`, world.harbour.reviewer],
      'access_refused',
      'This grant does not cover audio',
      '此调听授权不包含 audio',
    );
  });
});

describe('the permission table', () => {
  it('names the required roles or scope', async () => {
    const recording = await begin();
    const { auditor, reviewer, supervisor, tenant } = world.harbour;
    await refused(
      ['POST', '/v1/access-requests', auditor, wish(recording)],
      'forbidden',
      'Your account has none of the required roles: reviewer, supervisor, privacy',
      '您的账号不具备所需角色之一：reviewer, supervisor, privacy',
    );
    const { secret } = await world.keyOf(tenant, supervisor.id, ['read']);
    await refused(
      ['POST', `${await asked(recording)}/approve`, { id: reviewer.id, key: secret }],
      'forbidden',
      'This API key lacks the required scope: decide',
      '此 API 密钥缺少所需的权限范围：decide',
    );
  });
});

describe('an error without checks', () => {
  it('begins with the first invalid field', async () => {
    await begin();
    const reply = await world.call('GET', '/v1/recordings?colour=red', { key: world.harbour.reviewer.key });
    expect((await expectProblem(reply, 400, 'malformed')).detail).toMatch(/^\/colour is unknown; /);
  });
});
