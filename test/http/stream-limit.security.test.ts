// The limit on concurrent replies per person: a client that does not read uses bounded memory and blocks no one else.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { type Cast, type KeyHolder, makeWorld, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

const MOST = 16;
let world: World;
let harbour: Cast;
let url: string;
let media: string;
/** Keeps references: fetch cancels a reply that is garbage-collected. */
const open: { readonly stop: AbortController; readonly reply: Response }[] = [];

beforeEach(async () => {
  world = await makeWorld();
  harbour = world.harbour;
  // Longer than the socket buffers, so that an unread reply stays unsent.
  const recording = await world.deposited(harbour, 'call', wav(16_000_000));
  media = `/v1/sessions/${await world.session(harbour, await world.grant(harbour, recording))}/media`;
  url = (await world.listen()).url;
});
afterEach(async () => {
  for (const { stop } of open.splice(0)) stop.abort();
  await world.end();
});

/** Sends a request and reads only the headers. */
async function ask(path: string, who: KeyHolder = harbour.reviewer): Promise<Response> {
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${who.key}` };
  const reply = await fetch(`${url}${path}`, { headers, signal: stop.signal });
  open.push({ stop, reply });
  return reply;
}

it('sixteen replies are sent at once; another is rejected until one is read or closed', async () => {
  for (let n = 0; n < MOST; n++) expect((await ask(media)).status).toBe(200);
  const refused = await ask(media);
  expect(refused.headers.get('retry-after')).toBe('1');
  await expectProblem(refused, 429, 'too_many_streams');
  await expectProblem(await ask(media.replace('media', 'peaks')), 429, 'too_many_streams');
  // A rejection does not count, and replies without content still work.
  expect((await ask(media.replace('/media', ''))).status).toBe(200);
  open[0]?.stop.abort();
  await expect.poll(async () => (await ask(media)).status).toBe(200);
  await expectProblem(await ask(media), 429, 'too_many_streams');
});

it('a reply read to its end frees its slot at once, repeatedly', async () => {
  for (let n = 0; n < 3 * MOST; n++) {
    const headers = { authorization: `Bearer ${harbour.reviewer.key}`, range: 'bytes=0-99' };
    const reply = await fetch(`${url}${media}`, { headers });
    expect(reply.status).toBe(206);
    await reply.arrayBuffer();
  }
});

it('other people are not affected', async () => {
  for (let n = 0; n < MOST; n++) expect((await ask(media)).status).toBe(200);
  await expectProblem(await ask(media), 429, 'too_many_streams');
  // Another person gets not_found as usual: the session is not theirs.
  await expectProblem(await ask(media, harbour.colleague), 404, 'not_found');
});
