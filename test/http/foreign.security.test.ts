// Foreign, unknown and ill-formed ids: every route answers them alike.
import { connect } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { wav } from '../support/wav.ts';
import type { RequestOptions } from '../support/world.ts';
import { sharedWorld } from '../support/worlds.ts';
import { expectProblem, sameness } from './problem.ts';

const world = sharedWorld();
const theirs: Record<'rec' | 'req' | 'grt' | 'ses' | 'key' | 'usr', string> = {
  rec: '',
  req: '',
  grt: '',
  ses: '',
  key: '',
  usr: '',
};
beforeAll(async () => {
  const { yunhai } = world;
  theirs.rec = await world.deposited(yunhai, 'there', wav(1000));
  const json = { recording: theirs.rec, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
  const asked = await world.call('POST', '/v1/access-requests', { key: yunhai.reviewer.key, json });
  theirs.req = ((await asked.json()) as { id: string }).id;
  theirs.grt = await world.grant(yunhai, theirs.rec);
  theirs.ses = await world.session(yunhai, theirs.grt);
  theirs.usr = yunhai.reviewer.id;
  theirs.key = (await world.keyOf(yunhai.tenant, yunhai.reviewer.id)).id;
});

type Who = 'uploader' | 'reviewer' | 'supervisor' | 'privacy' | 'admin';
const COMMENT = { start_ms: 0, category: 'note', visibility: 'team', text: 'a word' };
const CMT = newId('cmt');
type Route = readonly [method: string, path: string, kind: keyof typeof theirs, who: Who, sent: RequestOptions];
const ROUTES: readonly Route[] = [
  ['PUT', '/v1/recordings/ID/audio', 'rec', 'uploader', { type: 'audio/wav', body: wav(10) }],
  ['PUT', '/v1/recordings/ID/transcripts/en', 'rec', 'uploader', { type: 'text/vtt', body: 'WEBVTT\n' }],
  ['GET', '/v1/recordings/ID', 'rec', 'reviewer', {}],
  ['PATCH', '/v1/recordings/ID', 'rec', 'supervisor', { json: { reason: 'typo' }, headers: { 'if-match': '"1"' } }],
  ['GET', '/v1/recordings/ID/changes', 'rec', 'reviewer', {}],
  ['GET', '/v1/recordings/ID/interaction', 'rec', 'reviewer', {}],
  ['GET', '/v1/recordings/ID/access?purpose=quality', 'rec', 'reviewer', {}],
  ['GET', '/v1/access-requests/ID', 'req', 'supervisor', {}],
  ['POST', '/v1/access-requests/ID/approve', 'req', 'supervisor', {}],
  ['POST', '/v1/access-requests/ID/deny', 'req', 'supervisor', { json: { reason: 'no need' } }],
  ['POST', '/v1/access-requests/ID/cancel', 'req', 'reviewer', {}],
  ['GET', '/v1/grants/ID', 'grt', 'supervisor', {}],
  ['POST', '/v1/grants/ID/revoke', 'grt', 'privacy', {}],
  ['POST', '/v1/grants/ID/sessions', 'grt', 'reviewer', {}],
  ['GET', '/v1/sessions/ID/media', 'ses', 'reviewer', {}],
  ['GET', '/v1/sessions/ID/transcripts/en', 'ses', 'reviewer', {}],
  ['DELETE', '/v1/sessions/ID', 'ses', 'reviewer', {}],
  ['GET', '/v1/sessions/ID', 'ses', 'reviewer', {}],
  ['GET', '/v1/sessions/ID/peaks', 'ses', 'reviewer', {}],
  ['GET', '/v1/sessions/ID/comments', 'ses', 'reviewer', {}],
  ['POST', '/v1/sessions/ID/comments', 'ses', 'reviewer', { json: COMMENT }],
  ['PUT', `/v1/sessions/ID/comments/${CMT}`, 'ses', 'reviewer', { json: COMMENT }],
  ['DELETE', `/v1/sessions/ID/comments/${CMT}`, 'ses', 'reviewer', {}],
  ['GET', '/v1/recordings/ID/activity', 'rec', 'reviewer', {}],
  ['GET', '/v1/recordings/ID/lifetime', 'rec', 'reviewer', {}],
  ['POST', '/v1/api-keys/ID/revoke', 'key', 'admin', {}],
  ['POST', '/v1/people/ID/sign-out', 'usr', 'admin', {}],
  ['POST', '/v1/people/ID/deactivate', 'usr', 'admin', {}],
  ['POST', '/v1/people/ID/remove-roles', 'usr', 'admin', { json: { roles: ['supervisor'] } }],
];

describe('a foreign id', () => {
  it.each(ROUTES)('on %s %s gets the same answer as an unknown one', async (method, path, kind, who, sent) => {
    const before = await world.snapshot(true);
    const of = async (id: string) => {
      const reply = await world.call(method, path.replace('ID', id), { ...sent, key: world.harbour[who].key });
      const headers = [...reply.headers].filter(([name]) => name !== 'x-request-id');
      return { headers, problem: sameness(await expectProblem(reply, 404, 'not_found', id)) };
    };
    expect(await of(theirs[kind])).toEqual(await of(newId(kind)));
    expect(await world.snapshot(true)).toEqual(before);
  });

  it('in an access request gets the same answer as an unknown one', async () => {
    const before = await world.snapshot(true);
    for (const recording of [theirs.rec, newId('rec'), '../secretword', '']) {
      const json = { recording, purpose: 'quality', reason: 'weekly sample', minutes: 15 };
      const reply = await world.call('POST', '/v1/access-requests', { key: world.harbour.reviewer.key, json });
      await expectProblem(reply, 404, 'not_found', 'secretword');
    }
    expect(await world.snapshot(true)).toEqual(before);
  });

  it('of another kind, or of a colleague’s grant and session, is not found', async () => {
    const { harbour } = world;
    const made = (await (await world.ingest(harbour, 'ours', wav(1000))).json()) as { recording: string };
    const grant = await world.grant(harbour, made.recording);
    const session = await world.session(harbour, grant);
    const key = harbour.colleague.key;
    await expectProblem(await world.call('GET', `/v1/recordings/${grant}`, { key }), 404, 'not_found');
    await expectProblem(await world.call('GET', `/v1/grants/${grant}`, { key }), 404, 'not_found');
    await expectProblem(await world.call('POST', `/v1/grants/${grant}/revoke`, { key }), 404, 'not_found');
    await expectProblem(await world.call('POST', `/v1/grants/${grant}/sessions`, { key }), 404, 'not_found');
    await expectProblem(await world.call('GET', `/v1/sessions/${session}/media`, { key }), 404, 'not_found');
    await expectProblem(await world.call('DELETE', `/v1/sessions/${session}`, { key }), 404, 'not_found');
    for (const rest of ['', '/peaks', '/comments']) {
      await expectProblem(await world.call('GET', `/v1/sessions/${session}${rest}`, { key }), 404, 'not_found');
    }
    const written = await world.call('POST', `/v1/sessions/${session}/comments`, { key, json: COMMENT });
    await expectProblem(written, 404, 'not_found');
  });
});

/** Sends a request line unchanged: a client would normalize the path. */
async function raw(port: number, method: string, path: string, key: string): Promise<string> {
  const body = method === 'PUT' ? wav(10) : Buffer.alloc(0);
  const socket = connect(port, '127.0.0.1');
  const head = `${method} ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\nconnection: close\r\n`;
  socket.write(`${head}content-type: audio/wav\r\ncontent-length: ${body.length}\r\n\r\n`);
  socket.write(body);
  let text = '';
  for await (const piece of socket) text += String(piece);
  return text;
}

const EVIL = [
  '..',
  '%2e%2e',
  '..%2f..%2fetc',
  '%2f',
  '%5c',
  '%00',
  'rec_%00',
  'x%0d%0aset-cookie:%20a',
  '%ff',
  '%',
  '%u002e',
  '%E2%80%A5%E2%80%A5',
  'REC_01KAYZ0000000000000000000Z',
  'rec_01kayz0000000000000000000z%20',
  'rec_01kayz0000000000000000000z%0a',
  'rec_81kayz0000000000000000000z',
  '__proto__',
  'a'.repeat(5000),
];

describe('an evil path parameter', () => {
  it.each(ROUTES)('on %s %s is always rejected', async (method, path, _kind, who) => {
    const { port } = await world.listen();
    const before = await world.snapshot(true);
    for (const evil of EVIL) {
      const reply = await raw(port, method, path.replace('ID', evil), world.harbour[who].key);
      // A path of another form is an unknown route, or one that is not theirs; the route's required body may be
      // rejected first.
      expect(reply.slice(0, 12), evil.slice(0, 60)).toMatch(/^HTTP\/1\.1 4(0[034]|15)/);
      expect(reply).not.toMatch(/set-cookie|\.ts:|node_modules|SQLITE/i);
    }
    expect(await world.snapshot(true)).toEqual(before);
  });

  it.each([
    ['/v1/ingest/ID/c', ['..', '%2e%2e', 'a%2fb', '%00', 'a%20b', '%0d%0a', '%ff', '%E2%80%A5', 'a'.repeat(65), '%']],
    ['/v1/ingest/pbx/ID', ['a%2fb', '..%2f..', 'a%5cb', '%00', 'x%0d%0ay', '%20', 'a'.repeat(256), '%ED%A0%80%2f']],
    ['/v1/recordings/rec_01kayz0000000000000000000z/transcripts/ID', ['..%2f', '%00', 'en%0d', 'x'.repeat(300), 'e']],
  ] as const)('in PUT %s is always rejected', async (path, evils) => {
    const { port } = await world.listen();
    const before = await world.snapshot(true);
    for (const evil of evils) {
      const reply = await raw(port, 'PUT', path.replace('ID', evil), world.harbour.uploader.key);
      expect(reply.slice(0, 12), evil.slice(0, 60)).toMatch(/^HTTP\/1\.1 4(04|00)/);
      expect(reply).not.toMatch(/set-cookie|\.ts:|node_modules|SQLITE/i);
    }
    expect(await world.snapshot(true)).toEqual(before);
  });
});
