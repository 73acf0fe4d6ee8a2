// Invalid input: each case returns its problem code, echoes nothing of the input, and leaves no trace.
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import type { RequestOptions } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = sharedWorld();
let recording: string;
let before: readonly string[];
beforeAll(async () => {
  recording = await world.deposited(world.harbour, 'there', wav(1000));
});
beforeEach(async () => {
  before = await world.snapshot(true);
});

async function refused(reply: Response, status: number, code: string, ...unsaid: readonly string[]) {
  const problem = await expectProblem(reply, status, code, ...unsaid);
  expect(await world.snapshot(true)).toEqual(before);
  return problem;
}

describe('a credential', () => {
  const ill = ['', 'Basic YTpi', 'Bearer', 'Bearer x', 'Bearer cv_x', `Bearer ${'a'.repeat(600)}`, 'Bearer a b', 'cv_'];
  it.each(ill)('that is %j gets the same rejection', async (authorization) => {
    const sent: RequestOptions = authorization === '' ? {} : { headers: { authorization } };
    const reply = await world.call('GET', `/v1/recordings/${recording}`, sent);
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
    await refused(reply, 401, 'unauthenticated', 'cv_x', 'aaaa');
  });

  it('with another secret, of another key, revoked or expired gets the same rejection', async () => {
    const { key } = world.harbour.reviewer;
    const other = world.harbour.colleague.key;
    const revoked = await world.keyOf(world.harbour.tenant, world.harbour.reviewer.id);
    world.sql.prepare("update api_key set state = 'REVOKED' where id = ?").run(revoked.id);
    const expired = await world.keyOf(world.harbour.tenant, world.harbour.reviewer.id);
    world.sql.prepare("update api_key set expires = '2020-01-01T00:00:00.000Z' where id = ?").run(expired.id);
    const gone = await world.person(world.harbour.tenant, ['reviewer']);
    world.sql.prepare("update principal set state = 'OFF' where id = ?").run(gone.id);
    await world.reseal();
    before = await world.snapshot(true);
    const swapped = `${key.slice(0, 30)}${other.slice(30)}`;
    for (const bad of [swapped, `${key.slice(0, -1)}_`, revoked.secret, expired.secret, gone.key, key.toUpperCase()]) {
      const reply = await world.call('GET', '/v1/recordings', { key: bad });
      const { detail } = await refused(reply, 401, 'unauthenticated', bad.slice(30));
      expect(detail).toMatch(/^the credential is not valid$/);
    }
  });

  it('is limited to its scopes, below the roles of its principal', async () => {
    const key = (await world.keyOf(world.harbour.tenant, world.harbour.supervisor.id, ['read'])).secret;
    before = await world.snapshot(true);
    const json = { recording, purpose: 'quality', reason: 'sample', minutes: 5 };
    await refused(await world.call('POST', '/v1/access-requests', { key, json }), 403, 'forbidden');
    expect((await world.call('GET', '/v1/recordings', { key })).status).toBe(200);
  });
});

describe('metadata headers', () => {
  const wrong: readonly (readonly [string, string])[] = [
    ['From', '%zz'],
    ['From', '%ff%fe'],
    ['Agent', '%'],
    ['Agent', 'secret%00word'],
    ['Agent', 'secret%0d%0aSet-Cookie:%20x'],
    ['Agent', '%20'],
    ['Queue', 'q'.repeat(129)],
    ['File-Name', 'f'.repeat(256)],
    ['Started-At', '2026-01-01'],
    ['Started-At', '2026-13-01T00:00:00Z'],
    ['Started-At', '2026-02-30T00:00:00Z'],
    ['Started-At', '9999-12-31T23:59:59-23:59'],
    ['Started-At', '2026-01-01T24:00:00Z'],
    ['Started-At', '2026-01-01T00:00:00'],
    ['Started-At', '1767225600'],
    ['Started-At', new Date(Date.now() + 2 * 86_400_000).toISOString()],
    ['Agent', Buffer.from('周晓岚').toString('latin1')],
    ['Agent', 'Zo\u00eb secret'],
    ['Language', 'not a language'],
    ['Language', '../../etc'],
    ['Direction', 'sideways'],
    ['Basis', 'because'],
    ['Basis', '__proto__'],
    ['Leg', 'a/b'],
    ['Leg', 'l'.repeat(65)],
  ];
  it.each(wrong)('%s: %s is rejected and named by its header', async (name, value) => {
    const headers = { [`vault-meta-${name}`]: value };
    const problem = await refused(
      await world.ingest(world.harbour, 'meta-1', wav(10), headers),
      400,
      'metadata_invalid',
      ...(value.length > 3 && value !== '2026-01-01' ? [value, 'secret'] : []),
    );
    expect(problem.errors?.map(({ pointer }) => pointer)).toEqual([`Vault-Meta-${name}`]);
  });

  it('an unknown one is rejected by name, with the known names', async () => {
    const headers = { 'Vault-Meta-Frm': 'secretword', 'Vault-Meta-Agent': 'secretword' };
    const reply = await world.ingest(world.harbour, 'meta-3', wav(10), headers);
    const [fault, ...others] = (await refused(reply, 400, 'metadata_invalid', 'secretword')).errors ?? [];
    expect(fault?.pointer).toBe('vault-meta-frm');
    expect(fault?.detail).toContain('Vault-Meta-From, Vault-Meta-To, ');
    expect(others).toEqual([]);
  });

  it('several invalid ones are all named at once', async () => {
    const headers = { 'vault-meta-basis': 'x', 'vault-meta-direction': 'y', 'vault-meta-leg': '' };
    const reply = await world.ingest(world.harbour, 'meta-2', wav(10), headers);
    expect((await refused(reply, 400, 'metadata_invalid')).errors).toHaveLength(3);
  });
});

describe('JSON', () => {
  const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
  const wrong: readonly (readonly [string, string, number, string])[] = [
    ['cut', '{"source":"pbx","call_id":"sec', 400, 'malformed'],
    ['empty', '', 400, 'malformed'],
    ['not an object', '"secretword"', 400, 'malformed'],
    ['null', 'null', 400, 'malformed'],
    ['an unknown member', '{"source":"pbx","call_id":"j","unknown":"secretword"}', 400, 'malformed'],
    ['a wrong type', '{"source":"pbx","call_id":["secretword"]}', 400, 'malformed'],
    ['a missing member', '{"source":"pbx"}', 400, 'malformed'],
    ['__proto__', '{"source":"pbx","call_id":"j","__proto__":{"from":"secretword"}}', 400, 'malformed'],
    ['constructor', '{"source":"pbx","call_id":"j","constructor":{"prototype":1}}', 400, 'malformed'],
    ['a deep list', deep, 400, 'malformed'],
    ['a deep member', `{"source":"pbx","call_id":${deep}}`, 400, 'malformed'],
    ['too large', `{"source":"pbx","call_id":"j","notes":"${'n'.repeat(262_200)}"}`, 413, 'body_too_large'],
    ['a bad field', '{"source":"p b x","call_id":"j"}', 400, 'metadata_invalid'],
    ['a start to come', '{"source":"pbx","call_id":"j","started_at":"2999-01-01T00:00:00Z"}', 400, 'metadata_invalid'],
    ['a lone surrogate', '{"source":"pbx","call_id":"\\ud800"}', 400, 'metadata_invalid'],
    ['a call id like a path', '{"source":"pbx","call_id":"../secretword"}', 400, 'metadata_invalid'],
  ];
  it.each(wrong)('with %s is rejected', async (_name, body, status, code) => {
    const sent = { key: world.harbour.uploader.key, type: 'application/json', body };
    await refused(await world.call('POST', '/v1/recordings', sent), status, code, 'secretword');
  });

  it('that is too large without a length is rejected', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        for (let n = 0; n < 40; n++) controller.enqueue(Buffer.alloc(10_000, 0x20));
        controller.enqueue(Buffer.from('{"source":"pbx","call_id":"j"}'));
        controller.close();
      },
    });
    const sent = { key: world.harbour.uploader.key, type: 'application/json', body };
    await refused(await world.call('POST', '/v1/recordings', sent), 413, 'body_too_large');
  });

  it.each([undefined, 'text/plain', 'application/xml', 'multipart/form-data'])(
    'declared as %s is rejected',
    async (type) => {
      const body = Buffer.from('{"source":"pbx","call_id":"j"}');
      const sent = { key: world.harbour.uploader.key, body, ...(type === undefined ? {} : { type }) };
      await refused(await world.call('POST', '/v1/recordings', sent), 415, 'media_type_unsupported');
    },
  );

  const asks: readonly Readonly<Record<string, unknown>>[] = [
    { minutes: 0 },
    { minutes: 1.5 },
    { minutes: '15' },
    { minutes: 1e9 },
    { reason: '' },
    { reason: 'r'.repeat(501) },
    { objects: [] },
    { objects: ['secretword'] },
    { purpose: 'p'.repeat(65) },
    { person: 'usr_x' },
  ];
  it.each(asks)('that requests %j is rejected', async (wish) => {
    const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15, ...wish };
    const reply = await world.call('POST', '/v1/access-requests', { key: world.harbour.reviewer.key, json });
    await refused(reply, 400, 'malformed', 'secretword');
  });

  const searches = [{}, { number_end: '12' }, { number_end: '１２３４' }, { from: 'x', agent: 'a' }, { agent: '' }];
  it.each([...searches, { agent: 'a', limit: 1000 }, { agent: 'a', cursor: 'secretword' }])(
    'that searches for %j is rejected',
    async (json) => {
      const reply = await world.call('POST', '/v1/recordings/search', { key: world.harbour.reviewer.key, json });
      await refused(reply, 400, 'malformed', 'secretword');
    },
  );

  it.each(['limit=0', 'limit=201', 'limit=x', 'from=yesterday', 'cursor=e30', 'cursor=WyJhIl0', 'cursor=%ff'])(
    'a list with %s is rejected',
    async (query) => {
      const reply = await world.call('GET', `/v1/recordings?${query}`, { key: world.harbour.reviewer.key });
      await refused(reply, 400, 'malformed', 'yesterday');
    },
  );

  it.each([
    ['GET', '/v1/recordings?bogus=secretword&limit=5', '/bogus', /^is unknown; the route has .*limit/],
    ['GET', '/v1/recordings?Limit=5', '/Limit', /^is unknown; the route has .*limit/],
    ['GET', '/v1/me?bogus=secretword', '/bogus', /^is unknown; the route has no parameters$/],
    ['POST', '/v1/recordings/search?limit=5', '/limit', /^is unknown; the route has no parameters$/],
  ])('%s %s is rejected, and the parameter named', async (method, path, pointer, detail) => {
    const reply = await world.call(method, path, { key: world.harbour.reviewer.key });
    const { errors } = await refused(reply, 400, 'malformed', 'secretword');
    expect(errors).toEqual([{ pointer, detail: expect.stringMatching(detail) }]);
  });
});
