// Corrections that are not allowed, not valid or not of what was read: nothing changes, and replies quote nothing personal.
import { beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { Policy } from '../../src/model/policy.ts';
import { assignable, makeAssignable } from '../support/batches.ts';
import { addTeam, setPolicy } from '../support/teams.ts';
import { wav } from '../support/wav.ts';
import type { Cast } from '../support/world.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Who = Exclude<keyof Cast, 'tenant'>;

const REASON = 'caller Jane Harker said so';
const world = freshWorld();
let id: string;
let tag: string;

beforeEach(async () => {
  id = await world.deposited(world.harbour, 'call', wav(16_000), { 'vault-meta-agent': 'Ann' });
  tag = (await world.call('GET', `/v1/recordings/${id}`, { key: world.harbour.privacy.key })).headers.get('etag') ?? '';
});

const patch = (
  json: object,
  who: Who = 'supervisor',
  headers: Readonly<Record<string, string>> = { 'if-match': tag },
) => world.call('PATCH', `/v1/recordings/${id}`, { key: world.harbour[who].key, headers, json });
const unchanged = async (call: () => Promise<void>): Promise<void> => {
  const before = await world.snapshot();
  await call();
  expect(await world.snapshot()).toEqual(before);
};

describe('a correction is denied', () => {
  it.each(['reviewer', 'auditor', 'admin', 'uploader'] as const)('to the role %s', async (who) => {
    await unchanged(async () => void (await expectProblem(await patch({ reason: REASON }, who), 403, 'forbidden')));
  });

  it('to a key without the scope', async () => {
    const { secret } = await world.keyOf(world.harbour.tenant, world.harbour.supervisor.id, ['read', 'decide']);
    const reply = await world.call('PATCH', `/v1/recordings/${id}`, { key: secret, json: { reason: REASON } });
    const { checks } = await expectProblem(reply, 403, 'forbidden');
    expect(checks?.find(({ ok }) => ok !== true)).toMatchObject({ code: 'scope_needed', detail: 'correct' });
  });

  it('of facts that the role may not set, each by its pointer', async () => {
    await unchanged(async () => {
      const json = { reason: REASON, agent: 'Bo', numbers: { from: '1' }, basis: { kind: 'contract' }, wrap_up: 'x' };
      const problem = await expectProblem(await patch(json), 403, 'forbidden');
      expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/numbers', '/basis', '/wrap_up']);
      for (const name of ['interaction', 'wrap_up', 'file_name', 'pauses', 'started_at', 'as_of']) {
        const value = name === 'pauses' ? [] : name === 'file_name' ? 'a' : '2020-01-01T00:00:00Z';
        const reply = await patch({ reason: REASON, [name]: value }, 'privacy');
        const { errors } = await expectProblem(reply, 403, 'forbidden');
        const detail = expect.stringMatching(
          name === 'started_at' ? /the platform sets it once, and it never changes$/ : /^cannot be set by people: /,
        ) as string;
        expect(errors).toEqual([{ pointer: `/${name}`, detail }]);
      }
    });
  });

  it('of the queue by a supervisor only in a tenant with a team, where calls are assigned', async () => {
    const { harbour, vault } = world;
    await makeAssignable(world, harbour.tenant);
    expect((await patch({ reason: REASON, queue: 'Sales' })).status).toBe(200);
    const now = await world.call('GET', `/v1/recordings/${id}`, { key: harbour.supervisor.key });
    expect(await now.json()).toMatchObject({ correctable: expect.arrayContaining(['queue']) });
    await addTeam(vault, harbour.tenant, { members: [harbour.supervisor.id], queues: ['Sales'] });
    tag = now.headers.get('etag') ?? '';
    await unchanged(async () => {
      await expectProblem(await patch({ reason: REASON, queue: null }), 403, 'forbidden');
    });
    // Another tenant's teams and policy are their own.
    const { yunhai } = world;
    const other = await world.deposited(yunhai, 'call', wav(16_000));
    const path = `/v1/recordings/${other}`;
    const etag = (await world.call('GET', path, { key: yunhai.privacy.key })).headers.get('etag') ?? '';
    const sent = {
      key: yunhai.supervisor.key,
      headers: { 'if-match': etag },
      json: { reason: REASON, queue: 'Sales' },
    };
    expect((await world.call('PATCH', path, sent)).status).toBe(200);
  });

  it.each([
    ['scope', (policy: Policy): Policy => ({ ...policy, scope: 'team' })],
    ['escalateHours', (policy: Policy): Policy => ({ ...policy, escalateHours: 4 })],
    ['an assignable purpose', assignable],
  ] as const)('of the queue, to all but privacy, where the policy has %s', async (_, changed) => {
    const { harbour, vault } = world;
    const read = async (who: Who) =>
      (await (await world.call('GET', `/v1/recordings/${id}`, { key: harbour[who].key })).json()) as object;
    await addTeam(vault, harbour.tenant, { members: [harbour.supervisor.id], leads: [], queues: [null] });
    await setPolicy(vault, harbour.tenant, changed);
    expect(await read('supervisor')).toMatchObject({ correctable: ['agent', 'ticket', 'language', 'fields'] });
    expect(await read('privacy')).toMatchObject({ correctable: expect.arrayContaining(['queue']) });
    await unchanged(async () => {
      for (const queue of ['Sales', null]) {
        const json = { reason: REASON, agent: 'Bo', queue };
        const problem = await expectProblem(await patch(json), 403, 'forbidden', 'Sales');
        expect(problem.errors?.map(({ pointer }) => pointer)).toEqual(['/queue']);
        expect(problem.detail).toMatch(
          /^The queue says who sees, decides on or assigns this recording: only a privacy officer/,
        );
        const chinese = await patch(json, 'supervisor', { 'if-match': tag, 'accept-language': 'zh-CN' });
        expect((await expectProblem(chinese, 403, 'forbidden')).detail).toMatch(/只有隐私专员可以更改技能组$/);
      }
    });
    expect((await patch({ reason: REASON, agent: 'Bo' })).status).toBe(200);
    const now = await world.call('GET', `/v1/recordings/${id}`, { key: harbour.privacy.key });
    const headers = { 'if-match': now.headers.get('etag') ?? '' };
    expect((await patch({ reason: REASON, queue: 'Sales' }, 'privacy', headers)).status).toBe(200);
  });

  it('where the end of retention would become earlier', async () => {
    expect((await patch({ reason: REASON, retain_until: '2031-01-01T00:00:00Z' }, 'privacy')).status).toBe(200);
    tag =
      (await world.call('GET', `/v1/recordings/${id}`, { key: world.harbour.privacy.key })).headers.get('etag') ?? '';
    await unchanged(async () => {
      const earlier = await patch({ reason: REASON, retain_until: '2030-12-31T00:00:00Z' }, 'privacy');
      const { errors } = await expectProblem(earlier, 400, 'metadata_invalid', '2030', '2031');
      expect(errors).toEqual([{ pointer: '/retain_until', detail: 'cannot become earlier' }]);
      await expectProblem(await patch({ reason: REASON, retain_until: null }, 'privacy'), 400, 'metadata_invalid');
    });
  });
});

describe('the condition of a correction', () => {
  it.each([undefined, '*', ' '])('is required: %s is none', async (match) => {
    await unchanged(async () => {
      const reply = await patch({ reason: REASON }, 'supervisor', match === undefined ? {} : { 'if-match': match });
      await expectProblem(reply, 428, 'precondition_required');
    });
  });

  it.each(['"0"', '"x"', '""', '"0", "1000"'])('does not hold for another version: %s', async (match) => {
    await unchanged(async () => {
      await expectProblem(
        await patch({ reason: REASON, agent: 'Bo' }, 'supervisor', { 'if-match': match }),
        412,
        'precondition_failed',
      );
      // Not even for what is there already: the answer would say whether a guess of a masked number is right.
      const same = await patch({ reason: REASON, agent: 'Ann' }, 'supervisor', { 'if-match': match });
      await expectProblem(same, 412, 'precondition_failed');
    });
  });

  it('does not hold for a weak tag of the version', async () => {
    const reply = await patch({ reason: REASON, agent: 'Bo' }, 'supervisor', { 'if-match': `W/${tag}` });
    await expectProblem(reply, 412, 'precondition_failed');
  });

  it.each(['5', '"a', 'a"', '"1" "2"', `"${'1'.repeat(2000)}"`])('must be an ETag: %s', async (match) => {
    await expectProblem(await patch({ reason: REASON }, 'supervisor', { 'if-match': match }), 400, 'malformed');
  });

  it.each([
    ['en', 'This recording has changed since you read it'],
    ['zh-CN', '读取之后，该录音的信息已被更改'],
  ])('fails in words of the language %s', async (language, title) => {
    const headers = { 'if-match': '"0"', 'accept-language': language };
    const reply = await patch({ reason: REASON, agent: 'Bo' }, 'supervisor', headers);
    expect(((await reply.json()) as { title: string }).title).toBe(title);
  });
});

describe('a correction that is not valid names no value', () => {
  it.each([
    [{ agent: 'Harker\u0000' }, '/agent'],
    [{ fields: { ok: 'Harker\nHarker' } }, '/fields/ok'],
    [{ fields: { ok: 'Harker\u007f' } }, '/fields/ok'],
    [{ fields: { Harker: 'x' } }, '/fields'],
    [{ fields: Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, 'Harker'])) }, '/fields'],
    [{ agnet: 'Harker' }, '/agnet'],
    [{ restricted: { at: 'Harker' } }, '/restricted'],
    [{ set_by: { agent: { by: 'Harker' } } }, '/set_by'],
    [{ call_id: 'Harker' }, '/call_id'],
    [{ language: 'Harker-Harker-1' }, '/language'],
  ])('of %j', async (json, pointer) => {
    await unchanged(async () => {
      const { errors } = await expectProblem(
        await patch({ reason: REASON, ...json }, 'privacy'),
        400,
        'metadata_invalid',
        'Harker',
      );
      expect(errors?.map((one) => one.pointer)).toEqual([pointer]);
    });
  });

  it.each([undefined, '', ' ', '\u200b', 'x'.repeat(501), 'Harker\u0007', 7, null, ['Harker']])(
    'with the reason %j',
    async (reason) => {
      await unchanged(async () => {
        const { errors } = await expectProblem(await patch({ agent: 'Bo', reason }), 400, 'malformed', 'Harker');
        expect(errors?.map((one) => one.pointer)).toEqual(['/reason']);
      });
    },
  );

  it('where fields become too many one by one, or a body is too large', async () => {
    const fields = (from: number, to: number) =>
      Object.fromEntries(Array.from({ length: to - from }, (_, n) => [`f${from + n}`, 'x']));
    expect((await patch({ reason: REASON, fields: fields(0, 32) })).status).toBe(200);
    tag =
      (await world.call('GET', `/v1/recordings/${id}`, { key: world.harbour.privacy.key })).headers.get('etag') ?? '';
    await unchanged(async () => {
      const more = await patch({ reason: REASON, fields: fields(32, 33) });
      expect((await expectProblem(more, 400, 'metadata_invalid')).errors?.[0]?.pointer).toBe('/fields');
      await expectProblem(
        await patch({ reason: REASON, agent: 'Harker'.repeat(50_000) }),
        413,
        'body_too_large',
        'Harker',
      );
      const type = await world.call('PATCH', `/v1/recordings/${id}`, {
        key: world.harbour.supervisor.key,
        headers: { 'if-match': tag },
        type: 'text/plain',
        body: '{}',
      });
      await expectProblem(type, 415, 'media_type_unsupported');
    });
  });
});

describe('a correction', () => {
  it('of another tenant’s recording is not found, as of none', async () => {
    const { yunhai } = world;
    for (const one of [id, newId('rec')]) {
      const sent = { key: yunhai.supervisor.key, headers: { 'if-match': tag }, json: { reason: REASON, agent: 'x' } };
      await expectProblem(await world.call('PATCH', `/v1/recordings/${one}`, sent), 404, 'not_found');
    }
  });

  it('leaves its reason and values sealed: neither leaf nor log line nor row has them', async () => {
    expect((await patch({ reason: REASON, agent: 'Li Wei', fields: { note: 'K-17-secret' } })).status).toBe(200);
    const rows = (await world.snapshot()).join('\n');
    const leaves = (world.sql.prepare('select leaf from audit_event').all() as { leaf: Buffer }[]).map(({ leaf }) =>
      leaf.toString(),
    );
    const details = (world.sql.prepare('select sealed from audit_detail').all() as { sealed: Buffer }[]).map(
      ({ sealed }) => sealed.toString('latin1'),
    );
    const said = [rows, ...leaves, ...details, JSON.stringify(world.answered)].join('\n');
    for (const word of ['Harker', 'Li Wei', 'K-17-secret', Buffer.from('Harker').toString('hex')])
      expect(said).not.toContain(word);
    expect(leaves.at(-1)).toContain('"set":"agent,fields/note"');
    expect(world.answered.at(-1)?.route).toBe('/v1/recordings/:id');
  });

  it('of facts that are not as they were written is an integrity problem', async () => {
    expect((await patch({ reason: REASON, agent: 'Li Wei' })).status).toBe(200);
    tag =
      (await world.call('GET', `/v1/recordings/${id}`, { key: world.harbour.privacy.key })).headers.get('etag') ?? '';
    world.sql
      .prepare('update amendment set entry = cast(replace(cast(entry as text), \'"n":1\', \'"n":2\') as blob)')
      .run();
    await unchanged(
      async () => void (await expectProblem(await patch({ reason: REASON, agent: 'Bo' }), 500, 'integrity')),
    );
  });

  it('of an erased recording is 410', async () => {
    world.sql.prepare("update recording set state = 'ERASED', facts = null").run();
    await expectProblem(await patch({ reason: REASON, agent: 'Bo' }), 410, 'erased');
  });

  it('by a person who was deactivated is not authenticated', async () => {
    await world.turnOff(world.harbour.tenant, world.harbour.supervisor.id);
    await expectProblem(await patch({ reason: REASON, agent: 'Bo' }), 401, 'unauthenticated');
  });
});
