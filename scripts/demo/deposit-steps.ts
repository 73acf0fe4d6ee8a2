// Steps of the story about uploads and search: uploads, retries, search, separate tenants.
import type { SampleCall } from './calls.ts';
import { ingestHeaders, ingestPath } from './calls.ts';
import { setUpTenants } from './set-up.ts';
import { type DemoWorld, expectReply, expectThat, listAt, memberAt, required, send, textAt } from './world.ts';

/** The English call of the story, and the Chinese one. */
export const ENGLISH = 'harbour-1-lost-card.wav';
export const CHINESE = 'yunhai-1-change-flight.wav';
/** Calls of other queues of Harbour Bank. */
export const FRAUD = 'harbour-2-payment-check.wav';
export const MANDARIN = 'harbour-3-transfer-zh.wav';

/** The call of a sample file. */
export function callOf(world: DemoWorld, file: string): SampleCall {
  const found = world.calls.find((call) => call.file === file);
  expectThat(found !== undefined, `there is no sample ${file}`);
  return found;
}

/** Creates two tenants and starts the service. */
export async function setUp(world: DemoWorld): Promise<string> {
  await setUpTenants(world);
  await world.start();
  const names = [...world.tenants.values()].map(({ name }) => name);
  expectThat(names.length === 2, `${names.length} tenants instead of 2`);
  return `${names.join(' and ')}, each with a separate key; the service runs at ${world.base}`;
}

function upload(world: DemoWorld, call: SampleCall, bytes: Uint8Array<ArrayBuffer>) {
  const { keys } = required(world.tenants, call.tenant);
  return send(world, keys.uploader, 'PUT', ingestPath(call), { headers: ingestHeaders(call), bytes });
}

/** Uploads every call with one request each. */
export async function uploadCalls(world: DemoWorld): Promise<string> {
  for (const call of world.calls) {
    const reply = await upload(world, call, call.audio);
    expectReply(reply, call.file, 201);
    expectThat(
      memberAt(reply.body, 'size') === call.audio.length,
      `${call.file}: the stored size differs from the uploaded one`,
    );
    expectThat(reply.headers.has('vault-audit'), `${call.file}: no receipt of the log`);
    world.recordings.set(call.file, textAt(reply.body, 'recording'));
  }
  const { keys } = required(world.tenants, 'yunhai');
  const reply = await send(world, keys.reviewer, 'GET', `/v1/recordings/${required(world.recordings, CHINESE)}`);
  expectReply(reply, 'the Chinese call', 200);
  const { agent, queue, file_name: name } = callOf(world, CHINESE);
  expectThat(memberAt(reply.body, 'agent') === agent, `its agent is not ${agent}`);
  expectThat(memberAt(reply.body, 'queue') === queue, `its queue is not ${queue}`);
  expectThat(memberAt(reply.body, 'file_name') === name, `its file is not ${name}`);
  return `${world.calls.length} calls, English and Chinese, one PUT each; agent ${agent} and queue ${queue} are in its metadata`;
}

/** Uploads the transcripts. */
export async function uploadTranscripts(world: DemoWorld): Promise<string> {
  for (const call of world.calls) {
    const { keys } = required(world.tenants, call.tenant);
    const path = `/v1/recordings/${required(world.recordings, call.file)}/transcripts/${call.language}`;
    const headers = { 'content-type': 'application/vnd.callvault.transcript+json' };
    expectReply(
      await send(world, keys.uploader, 'PUT', path, { headers, bytes: call.words }),
      `transcript of ${call.file}`,
      201,
    );
  }
  const languages = [...new Set(world.calls.map(({ language }) => language))];
  return `${world.calls.length} transcripts in ${languages.join(', ')}`;
}

/** The same bytes again give the same deposit. */
export async function uploadAgain(world: DemoWorld): Promise<string> {
  for (const call of world.calls) {
    const reply = await upload(world, call, call.audio);
    expectReply(reply, call.file, 200);
    expectThat(
      memberAt(reply.body, 'recording') === required(world.recordings, call.file),
      `${call.file} became another recording`,
    );
  }
  return `${world.calls.length} retries: 200, with the existing recordings`;
}

/** Different bytes for an existing call are rejected. */
export async function refuseOtherBytes(world: DemoWorld): Promise<string> {
  const call = callOf(world, ENGLISH);
  const other = Buffer.from(call.audio);
  other.writeUInt8(other.readUInt8(other.length - 1) ^ 1, other.length - 1);
  expectReply(await upload(world, call, other), 'one bit changed', 422, 'call_differs');
  return 'one bit changed, under the same call id: 422 call_differs';
}

const NUMBERS = [
  { file: ENGLISH, number: '020 7946 0123' },
  { file: CHINESE, number: '139-0013-9000' },
] as const;

/** Search finds a call by its number in any notation. */
export async function findByNumber(world: DemoWorld): Promise<string> {
  for (const { file, number } of NUMBERS) {
    const { keys } = required(world.tenants, callOf(world, file).tenant);
    const reply = await send(world, keys.reviewer, 'POST', '/v1/recordings/search', { json: { number } });
    expectReply(reply, `search for ${number}`, 200);
    const found = listAt(reply.body, 'data').map((one) => memberAt(one, 'id'));
    expectThat(found.includes(required(world.recordings, file)), `${number} does not find ${file}`);
  }
  return NUMBERS.map(({ file, number }) => `${number} finds ${callOf(world, file).from}`).join(', ');
}

/** Neither tenant sees anything of the other. */
export async function keepTenantsApart(world: DemoWorld): Promise<string> {
  for (const { file, number } of NUMBERS) {
    const call = callOf(world, file);
    const { keys } = required(world.tenants, call.tenant === 'harbour' ? 'yunhai' : 'harbour');
    const id = required(world.recordings, file);
    const one = await send(world, keys.reviewer, 'GET', `/v1/recordings/${id}`);
    expectReply(one, 'the other tenant reads it', 404, 'not_found');
    const access = await send(world, keys.reviewer, 'GET', `/v1/recordings/${id}/access?purpose=quality`);
    expectReply(access, 'the other tenant asks whether it may', 404, 'not_found');
    const search = await send(world, keys.reviewer, 'POST', '/v1/recordings/search', { json: { number } });
    expectReply(search, 'the other tenant searches', 200);
    expectThat(listAt(search.body, 'data').length === 0, 'the other tenant finds it by its number');
    const all = await send(world, keys.reviewer, 'GET', '/v1/recordings?limit=200');
    expectReply(all, 'the other tenant lists', 200);
    const foreign = world.calls.filter(({ tenant }) => tenant === call.tenant);
    const ids = listAt(all.body, 'data').map((listed) => memberAt(listed, 'id'));
    expectThat(ids.length === world.calls.length - foreign.length, `its list has ${ids.length} recordings`);
    expectThat(
      foreign.every((stranger) => !ids.includes(required(world.recordings, stranger.file))),
      'its list shows them',
    );
    const put = `/v1/recordings/${id}/transcripts/${call.language}`;
    const headers = { 'content-type': 'application/vnd.callvault.transcript+json' };
    expectReply(
      await send(world, keys.uploader, 'PUT', put, { headers, bytes: call.words }),
      'the other tenant adds to it',
      404,
    );
  }
  return '404 by id, no results by search and list, both ways';
}
