// Notices over HTTP: versions, languages, who reads and adds them.
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { ENGINES } from '../support/engines.ts';
import { entriesOf } from '../support/entries.ts';
import type { World } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Added = { readonly id: string; readonly version: number };

describe.each(ENGINES)('notices on $engine $reason', ({ engine, present }) => {
  const world: World = sharedWorld({}, engine);
  const add = (json: object, key = world.harbour.privacy.key, headers: Readonly<Record<string, string>> = {}) =>
    world.call('POST', '/v1/notices', { key, json, headers });
  const added = async (json: object) => (await (await add(json)).json()) as Added;
  const list = async (key = world.harbour.privacy.key) =>
    ((await (await world.call('GET', '/v1/notices', { key })).json()) as { data: readonly object[] }).data;

  it.runIf(present)('have versions and languages, and are entries of the tenant', async () => {
    const { id, version } = await added({ language: 'zh-cn', text: '本通话将被录音。' });
    expect(version).toBe(1);
    expect(await added({ notice: id, version: 1, language: 'en', text: 'This call is recorded.' })).toEqual({
      id,
      version: 1,
    });
    const key = { 'idempotency-key': `notice-${engine}` };
    const next = { notice: id, language: 'en', text: 'This call is recorded\nfor training.' };
    const twice = [await add(next, undefined, key), await add(next, undefined, key)];
    expect(await Promise.all(twice.map((reply) => reply.json()))).toEqual([
      { id, version: 2 },
      { id, version: 2 },
    ]);
    const texts = [
      { id, version: 2, language: 'en', text: 'This call is recorded\nfor training.' },
      { id, version: 1, language: 'en', text: 'This call is recorded.' },
      { id, version: 1, language: 'zh-CN', text: '本通话将被录音。' },
    ];
    const created = expect.any(String) as string;
    expect(await list()).toEqual(texts.map((one) => ({ ...one, created })));
    expect(await list(world.harbour.auditor.key)).toHaveLength(3);
    expect(await list(world.yunhai.privacy.key)).toEqual([]);
    const entries = await entriesOf(world.vault, world.harbour.tenant, world.harbour.tenant);
    const said = { v: 1, op: 'notice', why: 'notice.added', by: world.harbour.privacy.id };
    expect(entries.map(({ body }) => body)).toEqual([texts[2], texts[1], texts[0]].map((one) => ({ ...said, ...one })));
  });

  it.runIf(present)('are rejected where they cannot be', async () => {
    const { id } = await added({ language: 'en', text: 'Hello' });
    await expectProblem(await add({ notice: id, version: 1, language: 'en', text: 'x' }), 409, 'conflict');
    await expectProblem(await add({ notice: id, version: 2, language: 'fr', text: 'x' }), 404, 'not_found');
    await expectProblem(await add({ notice: newId('ntc'), language: 'en', text: 'x' }), 404, 'not_found');
    const rejected = async (json: object) =>
      (await expectProblem(await add(json), 400, 'malformed')).errors?.map(({ pointer }) => pointer);
    expect(await rejected({ language: '!', text: 'x' })).toEqual(['/language']);
    expect(await rejected({ language: 'en', text: ' ' })).toEqual(['/text']);
    expect(await rejected({ language: 'en', text: 'x'.repeat(8_001) })).toEqual(['/text']);
    expect(await rejected({ version: 1, language: 'en', text: 'x' })).toEqual(['/notice']);
    const largest = await added({ language: 'zh', text: '录'.repeat(8_000) });
    expect(largest.version).toBe(1);
    for (const who of ['reviewer', 'supervisor', 'auditor', 'admin', 'uploader'] as const)
      await expectProblem(await add({ language: 'en', text: 'x' }, world.harbour[who].key), 403, 'forbidden');
    const read = await world.call('GET', '/v1/notices', { key: world.harbour.reviewer.key });
    await expectProblem(read, 403, 'forbidden');
  });
});
