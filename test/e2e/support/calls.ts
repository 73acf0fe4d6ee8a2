// Calls for browser tests: the repository's samples, as if made just now, and long ones.
import { readSampleCalls } from '../../../scripts/demo/calls.ts';
import type { Cast, World } from '../../support/world.ts';

const HEADERS = {
  'vault-meta-basis': 'consent',
} as const;

/**
 * Uploads the sample calls of one of the demo's tenants with their transcripts. Returns recording ids by the sample's
 * file name.
 */
export async function uploadSamples(world: World, cast: Cast, of: 'harbour' | 'yunhai'): Promise<Map<string, string>> {
  const ids = new Map<string, string>();
  for (const call of (await readSampleCalls()).filter(({ tenant }) => tenant === of)) {
    const told = (name: string, value: string) => [`vault-meta-${name}`, encodeURIComponent(value)] as const;
    const headers = Object.fromEntries([
      told('from', call.from),
      told('to', call.to),
      told('agent', call.agent),
      told('queue', call.queue),
      told('ticket', call.ticket),
      told('direction', call.direction),
      told('started-at', call.started_at),
      told('language', call.language),
    ]);
    const recording = await world.deposited(cast, call.call_id, call.audio, {
      ...HEADERS,
      ...headers,
      type: call.type,
    });
    ids.set(call.file, recording);
    await uploadTranscript(world, cast, recording, call.language, call.words);
  }
  return ids;
}

/** Uploads a transcript of the recording. */
export async function uploadTranscript(
  world: World,
  cast: Cast,
  recording: string,
  language: string,
  body: Uint8Array | string,
  type = 'application/vnd.callvault.transcript+json',
): Promise<void> {
  const path = `/v1/recordings/${recording}/transcripts/${language}`;
  const reply = await world.call('PUT', path, { key: cast.uploader.key, type, body });
  if (reply.status !== 201) throw new Error(`transcript: ${reply.status} ${await reply.text()}`);
}
