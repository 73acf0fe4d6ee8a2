// How much one person reads at once: somebody who asks and does not read fills nobody's memory, and stands in nobody's way.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { wav } from '../support/wav.ts';
import { type Cast, type KeyHolder, makeWorld, type World } from '../support/world.ts';
import { expectProblem } from './problem.ts';

const MOST = 16;
let world: World;
let harbour: Cast;
let url: string;
let media: string;
/** Held: a reply that nobody holds is given up by the client. */
const open: { readonly stop: AbortController; readonly reply: Response }[] = [];

beforeEach(async () => {
  world = await makeWorld();
  harbour = world.harbour;
  // Longer than what lies between two sockets, so that a reply nobody reads stays unsent.
  const reply = await world.ingest(harbour, 'call', wav(16_000_000));
  const { recording } = (await reply.json()) as { recording: string };
  media = `/v1/sessions/${await world.session(harbour, await world.grant(harbour, recording))}/media`;
  url = (await world.listen()).url;
});
afterEach(async () => {
  for (const { stop } of open.splice(0)) stop.abort();
  await world.end();
});

/** Asks, and reads no more than the headers. */
async function ask(path: string, who: KeyHolder = harbour.reviewer): Promise<Response> {
  const stop = new AbortController();
  const headers = { authorization: `Bearer ${who.key}` };
  const reply = await fetch(`${url}${path}`, { headers, signal: stop.signal });
  open.push({ stop, reply });
  return reply;
}

test('sixteen replies are sent at once; one more is refused until one of them is read or left', async () => {
  for (let n = 0; n < MOST; n++) expect((await ask(media)).status).toBe(200);
  const refused = await ask(media);
  expect(refused.headers.get('retry-after')).toBe('1');
  await expectProblem(refused, 429, 'too_many_streams');
  await expectProblem(await ask(media.replace('media', 'peaks')), 429, 'too_many_streams');
  // A refusal is no reply that counts, and what is not content is told still.
  expect((await ask(media.replace('/media', ''))).status).toBe(200);
  open[0]?.stop.abort();
  await expect.poll(async () => (await ask(media)).status).toBe(200);
  await expectProblem(await ask(media), 429, 'too_many_streams');
});

test('one that was read to its end makes place at once, however often', async () => {
  for (let n = 0; n < 3 * MOST; n++) {
    const headers = { authorization: `Bearer ${harbour.reviewer.key}`, range: 'bytes=0-99' };
    const reply = await fetch(`${url}${media}`, { headers });
    expect(reply.status).toBe(206);
    await reply.arrayBuffer();
  }
});

test('nobody else waits for it', async () => {
  for (let n = 0; n < MOST; n++) expect((await ask(media)).status).toBe(200);
  await expectProblem(await ask(media), 429, 'too_many_streams');
  // Another person is refused as ever: the session is not theirs, and is not full either.
  await expectProblem(await ask(media, harbour.colleague), 404, 'not_found');
});
