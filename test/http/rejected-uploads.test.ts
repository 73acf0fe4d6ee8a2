// What a rejected upload or patch says: what the content is not, which types and names there are.
import { describe, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import type { RequestOptions } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';

const world = sharedWorld();
const said = async (method: string, path: string, sent: RequestOptions): Promise<readonly [number, string]> => {
  const reply = await world.call(method, path, { key: world.harbour.uploader.key, ...sent });
  return [reply.status, ((await reply.json()) as { detail?: string }).detail ?? ''];
};
const CALL = '/v1/ingest/pbx/rejected';

describe('audio of no known format', () => {
  const none = 'The content of the body is none of WAV, MP3, Ogg, FLAC, MP4. Accepted types: audio/wav, ';

  it.each([{}, { type: 'application/octet-stream' }])('says what it is none of, sent with %j', async (more) => {
    const [status, detail] = await said('PUT', CALL, { body: Buffer.from('# A page of text'), ...more });
    expect([status, detail.startsWith(none)]).toEqual([415, true]);
  });

  it('says so in Chinese', async () => {
    const sent = { body: Buffer.from('# A page of text'), headers: { 'accept-language': 'zh-CN' } };
    expect((await said('PUT', CALL, sent))[1]).toMatch(/^该请求体的内容不是 WAV, MP3, Ogg, FLAC, MP4 中的任何一种。/);
  });

  it('names a WAV that is cut off', async () => {
    const [status, detail] = await said('PUT', CALL, { body: wav(100).subarray(0, 20) });
    expect(status).toBe(415);
    expect(detail).toMatch(/^The content of the body is WAV \(no fmt or data chunk\), which is not accepted\./);
  });
});

describe('a transcript', () => {
  it('is taken as application/json, and rejected by what it is none of', async () => {
    const id = await world.deposited(world.harbour, 'with-transcript', wav(16_000));
    const body = JSON.stringify({
      v: 1,
      language: 'en',
      segments: [{ start_ms: 0, end_ms: 500, channel: 0, text: 'hello' }],
    });
    const path = `/v1/recordings/${id}/transcripts`;
    expect((await said('PUT', `${path}/en`, { body, type: 'application/json' }))[0]).toBe(201);
    const [status, detail] = await said('PUT', `${path}/fr`, { body: 'just words', type: 'text/plain' });
    expect(status).toBe(415);
    expect(detail).toMatch(/^The content of the body is none of JSON, WebVTT, SRT\. Accepted types: /);
  });
});

describe('the names', () => {
  it('of headers include those of the tenant’s fields', async () => {
    const [, detail] = await said('PUT', CALL, { body: wav(100), headers: { 'vault-meta-foo': 'x' } });
    expect(detail).toMatch(/Vault-Meta-Wrap-Up and Vault-Meta-Field-<Name>$/);
  });

  it.each([
    ['leg', 'Vault-Meta-Leg'],
    ['wrap_up', 'Vault-Meta-Wrap-Up'],
  ])('of a parameter ?%s= that is a header is that header', async (name, header) => {
    expect(await said('PUT', `${CALL}?${name}=2`, { body: wav(100) })).toEqual([
      400,
      `/${name} is unknown; use the header ${header}`,
    ]);
    expect((await said('PUT', `${CALL}?other=2`, { body: wav(100) }))[1]).toBe(
      '/other is unknown; the route has no parameters',
    );
  });
});

describe('a patch', () => {
  it('of another type names both that are accepted, and the document has both', async () => {
    const [status, detail] = await said('PATCH', CALL, { body: '{"queue":"q"}', type: 'text/plain' });
    expect([status, detail]).toEqual([
      415,
      'The type of the body is not accepted. Accepted types: application/merge-patch+json, application/json',
    ]);
    const document = (await (await world.call('GET', '/openapi.json')).json()) as {
      paths: Record<string, Record<string, { requestBody: { content: object } }>>;
    };
    for (const path of ['/v1/ingest/{source}/{callId}', '/v1/recordings/{id}'])
      expect(Object.keys(document.paths[path]?.['patch']?.requestBody.content ?? {})).toEqual([
        'application/merge-patch+json',
        'application/json',
      ]);
  });

  it.each(['application/merge-patch+json', 'application/json'])('of type %s is taken', async (type) => {
    const body = JSON.stringify({ queue: type });
    expect((await said('PATCH', '/v1/ingest/pbx/typed', { body, type }))[0]).toBeLessThan(202);
  });
});
