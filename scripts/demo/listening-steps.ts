// Steps of the story about listening: ranges, the whole call, the transcript, the stored bytes, revoking.
import { createHash } from 'node:crypto';
import { approveAs, requestAs } from './access-steps.ts';
import { CHINESE, callOf, ENGLISH } from './deposit-steps.ts';
import { plaintextFinder } from './plaintext-runs.ts';
import { type DemoWorld, expectReply, expectThat, required, send, textAt } from './world.ts';

async function openSession(world: DemoWorld, file: string, grant: string): Promise<string> {
  const { keys } = required(world.tenants, callOf(world, file).tenant);
  const reply = await send(world, keys.reviewer, 'POST', `/v1/grants/${grant}/sessions`);
  expectReply(reply, 'the reviewer opens a session', 201);
  expectThat(reply.headers.has('vault-audit'), 'opening left no receipt of the log');
  return textAt(reply.body, 'id');
}

/** The reviewer opens a session and plays ranges. */
export async function listenToRanges(world: DemoWorld): Promise<string> {
  const session = await openSession(world, ENGLISH, required(world.hand, 'grant'));
  world.hand.set('session', session);
  const { audio } = callOf(world, ENGLISH);
  const { keys } = required(world.tenants, 'harbour');
  const middle = Math.floor(audio.length / 2);
  for (const [start, end] of [
    [0, 44],
    [middle - 20_000, middle + 20_000],
    [audio.length - 100, audio.length],
  ] as const) {
    const headers = { range: `bytes=${start}-${end - 1}` };
    const reply = await send(world, keys.reviewer, 'GET', `/v1/sessions/${session}/media`, { headers });
    expectReply(reply, headers.range, 206);
    const said = reply.headers.get('content-range');
    expectThat(said === `bytes ${start}-${end - 1}/${audio.length}`, `${headers.range} is answered as ${said}`);
    expectThat(reply.bytes.equals(audio.subarray(start, end)), `${headers.range} is not what was uploaded`);
  }
  return `${session}: three ranges, each the bytes of the original file`;
}

async function expectWhole(world: DemoWorld, file: string, session: string): Promise<string> {
  const { audio, tenant } = callOf(world, file);
  const { keys } = required(world.tenants, tenant);
  const reply = await send(world, keys.reviewer, 'GET', `/v1/sessions/${session}/media`);
  expectReply(reply, 'the whole audio', 200);
  const [heard, sent] = [sha256(reply.bytes), sha256(audio)];
  expectThat(heard === sent, `the played bytes have SHA-256 ${heard}, the uploaded ones ${sent}`);
  return heard;
}

async function expectTranscript(world: DemoWorld, file: string, session: string): Promise<void> {
  const { words, language, tenant } = callOf(world, file);
  const { keys } = required(world.tenants, tenant);
  const reply = await send(world, keys.reviewer, 'GET', `/v1/sessions/${session}/transcripts/${language}`);
  expectReply(reply, 'the transcript', 200);
  expectThat(reply.bytes.equals(words), 'the transcript is not what was uploaded');
}

/** The complete audio and transcript equal the uploads. */
export async function listenToAll(world: DemoWorld): Promise<string> {
  const session = required(world.hand, 'session');
  const hash = await expectWhole(world, ENGLISH, session);
  await expectTranscript(world, ENGLISH, session);
  return `audio byte for byte (SHA-256 ${hash.slice(0, 12)}…), transcript too`;
}

/** The same for the Chinese call, with the people of its tenant. */
export async function listenToChinese(world: DemoWorld): Promise<string> {
  const grant = await approveAs(world, CHINESE, await requestAs(world, CHINESE, 'reviewer'));
  const session = await openSession(world, CHINESE, grant);
  const hash = await expectWhole(world, CHINESE, session);
  await expectTranscript(world, CHINESE, session);
  const { keys } = required(world.tenants, 'yunhai');
  expectReply(await send(world, keys.reviewer, 'DELETE', `/v1/sessions/${session}`), 'the session is closed', 200);
  const after = await send(world, keys.reviewer, 'GET', `/v1/sessions/${session}/media`);
  expectReply(after, 'media of a closed session', 403, 'session_ended');
  return `requested, approved, played (SHA-256 ${hash.slice(0, 12)}…), read and closed by ${required(world.tenants, 'yunhai').name}`;
}

/** Other principals cannot use the reviewer's grant or session. */
export async function refuseOthers(world: DemoWorld): Promise<string> {
  const media = `/v1/sessions/${required(world.hand, 'session')}/media`;
  const { keys } = required(world.tenants, 'harbour');
  const opening = `/v1/grants/${required(world.hand, 'grant')}/sessions`;
  expectReply(await send(world, keys.supervisor, 'GET', media), 'the supervisor listens', 404, 'not_found');
  expectReply(
    await send(world, keys.supervisor, 'POST', opening),
    'the supervisor opens the reviewer’s grant',
    404,
    'not_found',
  );
  expectReply(await send(world, keys.auditor, 'GET', media), 'the auditor listens', 403, 'forbidden');
  expectReply(await send(world, keys.uploader, 'GET', media), 'the uploader listens', 403, 'forbidden');
  const stranger = required(world.tenants, 'yunhai').keys.reviewer;
  expectReply(await send(world, stranger, 'GET', media), 'the other tenant listens', 404, 'not_found');
  const wrong = `${keys.reviewer.slice(0, -6)}AAAAAA`;
  expectReply(await send(world, wrong, 'GET', media), 'a client with a wrong key listens', 401, 'unauthenticated');
  return 'approver, auditor, uploader, the other tenant and a wrong key get no audio from it';
}

/** The stored bytes contain no part of the uploads, and no name or number of a person. */
export async function storeOnlyCiphertext(world: DemoWorld): Promise<string> {
  const firstRun = plaintextFinder(world.calls.flatMap(({ audio, words }) => [audio, words]));
  const people = [...world.tenants.values()].flatMap(({ people: names }) => names);
  const secrets = [...new Set([...world.calls.flatMap(({ from, to }) => [from, to]), ...people])];
  let kept = 0;
  let audios = 0;
  for await (const { name, bytes } of world.atRest()) {
    kept++;
    if (name.endsWith('/audio')) audios++;
    const start = firstRun(bytes);
    expectThat(start === null, `${name} holds plaintext at ${start}`);
    const told = secrets.find((secret) => bytes.includes(secret));
    expectThat(told === undefined, `${name} names ${told}`);
  }
  expectThat(audios >= world.calls.length, `the store holds ${audios} recordings`);
  return `${kept} files and blobs at rest: no run of the audio, no number, no person’s name`;
}

/** Revoking ends the session before its next byte. */
export async function revoke(world: DemoWorld): Promise<string> {
  const { keys } = required(world.tenants, 'harbour');
  const grant = required(world.hand, 'grant');
  const media = `/v1/sessions/${required(world.hand, 'session')}/media`;
  expectReply(await send(world, keys.supervisor, 'POST', `/v1/grants/${grant}/revoke`), 'the supervisor revokes', 200);
  const next = await send(world, keys.reviewer, 'GET', media, { headers: { range: 'bytes=0-99' } });
  expectReply(next, 'the next range', 403, 'session_ended');
  const again = await send(world, keys.reviewer, 'POST', `/v1/grants/${grant}/sessions`);
  expectReply(again, 'another session on it', 403, 'access_refused');
  return 'the next range: 403 session_ended; the grant opens no more sessions';
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
