// Examples: uploads, and what people read and correct of a recording.
import { newId } from '../../../src/bytes/ids.ts';
import { ingestKeyOf, sealCall } from '../../support/sealed-files.ts';
import { wav } from '../../support/wav.ts';
import type { RequestOptions, World } from '../../support/world.ts';
import { bodyOf, deposited, type Example, type Examples, newcomer } from './example.ts';

const TRANSCRIPT: RequestOptions = { type: 'text/vtt', body: 'WEBVTT\n' };
const audio = (size: number): RequestOptions => ({ type: 'audio/wav', body: wav(size) });

/** A read of a new recording, by a new person. */
async function readOf(world: World, under: string, role = 'supervisor'): Promise<Example> {
  return { by: await newcomer(world, role), path: `/v1/recordings/${await deposited(world)}${under}` };
}

async function described(world: World): Promise<string> {
  const json = { source: 'pbx', call_id: newId('rec') };
  const sent = { key: world.harbour.uploader.key, json };
  return (await bodyOf<{ recording: string }>(world.call('POST', '/v1/recordings', sent))).recording;
}

export const recordings: Examples = {
  ingestCall: async ({ harbour }) => ({
    by: harbour.uploader,
    path: `/v1/ingest/pbx/${newId('rec')}`,
    sent: audio(1000),
    also: [{ path: `/v1/ingest/pbx/${newId('rec')}`, sent: audio(9_000_000) }],
  }),
  amendCall: async (world) => {
    const id = newId('rec');
    await world.deposited(world.harbour, id, wav(1000));
    return {
      by: world.harbour.uploader,
      path: `/v1/ingest/pbx/${id}`,
      sent: { json: { wrap_up: 'refund' } },
      also: [{ path: `/v1/ingest/pbx/${newId('rec')}`, sent: { json: { agent: 'a' } } }],
    };
  },
  getOwnCall: async (world) => {
    const id = newId('rec');
    await world.deposited(world.harbour, id, wav(1000));
    return { by: world.harbour.uploader, path: `/v1/ingest/pbx/${id}` };
  },
  uploadSealedFile: async (world) => {
    const { harbour } = world;
    const to = { tenant: harbour.tenant, key: await ingestKeyOf(world, harbour) };
    const { id, file } = await sealCall(to, wav(1000), { source: 'pbx', call_id: newId('rec') });
    return { by: harbour.uploader, path: `/v1/sealed-files/${id}`, sent: { body: file } };
  },
  sendCallList: async ({ harbour }) => ({
    by: harbour.uploader,
    path: '/v1/call-lists?source=pbx',
    sent: { type: 'text/csv', body: Buffer.from(`call_id\n${newId('rec')}\n`) },
  }),
  readCompleteness: async (world) => ({
    by: await newcomer(world, 'privacy'),
    path: '/v1/completeness?from=2026-11-01&to=2026-11-02',
  }),
  listCountedCalls: async (world) => ({
    by: await newcomer(world, 'privacy'),
    path: '/v1/completeness/calls?from=2026-11-01&to=2026-11-02&source=pbx&what=missing',
  }),
  createRecording: async ({ harbour }) => {
    const json = { source: 'pbx', call_id: newId('rec') };
    return { by: harbour.uploader, path: '/v1/recordings', sent: { json }, other: { ...json, call_id: newId('rec') } };
  },
  uploadAudio: async (world) => ({
    by: world.harbour.uploader,
    path: `/v1/recordings/${await described(world)}/audio`,
    sent: audio(1000),
  }),
  uploadTranscript: async (world) => ({
    by: world.harbour.uploader,
    path: `/v1/recordings/${await deposited(world)}/transcripts/en`,
    sent: TRANSCRIPT,
  }),
  listRecordings: async (world) => ({ by: await newcomer(world, 'supervisor'), path: '/v1/recordings' }),
  searchRecordings: async (world) => ({
    by: await newcomer(world, 'supervisor'),
    path: '/v1/recordings/search',
    sent: { json: { agent: 'a' } },
  }),
  suggestNames: async (world) => ({
    by: await newcomer(world, 'supervisor'),
    path: '/v1/recordings/names',
    sent: { json: { field: 'agent', prefix: 'a' } },
  }),
  getRecording: (world) => readOf(world, ''),
  listInteraction: (world) => readOf(world, '/interaction'),
  explainAccess: (world) => readOf(world, '/access?purpose=quality'),
  listRecordingChanges: (world) => readOf(world, '/changes'),
  listRecordingActivity: (world) => readOf(world, '/activity'),
  getLifetime: (world) => readOf(world, '/lifetime'),
  correctRecording: async (world) => {
    const { supervisor } = world.harbour;
    const path = `/v1/recordings/${await deposited(world)}`;
    const seen = await world.call('GET', path, { key: supervisor.key });
    const headers = { 'if-match': seen.headers.get('etag') ?? '' };
    return { by: supervisor, path, sent: { json: { reason: 'typo', agent: 'a' }, headers } };
  },
  restrictRecording: async (world) => {
    const json = { ground: 'claims', reason: 'a letter' };
    const path = `/v1/recordings/${await deposited(world)}/restrict`;
    return { by: world.harbour.privacy, path, sent: { json }, other: { ...json, ground: 'accuracy' } };
  },
  addNotice: async ({ harbour }) => {
    const json = { language: 'en', text: 'This call is recorded.' };
    return { by: harbour.privacy, path: '/v1/notices', sent: { json }, other: { ...json, text: 'Another' } };
  },
  listNotices: async (world) => ({ by: await newcomer(world, 'privacy'), path: '/v1/notices' }),
  withdrawConsent: async ({ harbour }) => {
    const json = { number: '+441234567899', reason: 'a letter' };
    return { by: harbour.privacy, path: '/v1/withdrawals', sent: { json }, other: { ...json, reason: 'another' } };
  },
  listWithdrawals: async (world) => ({ by: await newcomer(world, 'privacy'), path: '/v1/withdrawals' }),
};
