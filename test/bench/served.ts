// Served deployment of the bench: a tenant with people, and calls uploaded and played over HTTP.
import { randomFillSync } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { setUpTenants } from '../../scripts/demo/set-up.ts';
import { type Engines, makeDemoWorld } from '../../scripts/demo/start.ts';
import { type DemoWorld, required, send, textAt } from '../../scripts/demo/world.ts';
import { type BenchReply, exchange } from './client.ts';

/** A running deployment, and the operations of the bench. */
export type BenchDeployment = {
  /** Deposits a new call of this size and returns its recording's id. */
  readonly deposit: (size: number, sound?: SampleFormat | FrameFormat) => Promise<string>;
  /** Media path of a new session on a recording. */
  readonly open: (recording: string) => Promise<string>;
  readonly hear: (media: string, range?: string) => Promise<BenchReply>;
  /** Process ids of the server. */
  readonly processes: () => readonly number[];
  readonly close: () => Promise<void>;
};

const PIECE = 262_144;
const NOISE = randomFillSync(Buffer.alloc(8 * 1_048_576));

/** Format code and bytes of a sample in the header of a WAV file with one channel at 8 kHz. */
type SampleFormat = { readonly code: number; readonly bytes: number };

export const MU_LAW: SampleFormat = { code: 7, bytes: 1 };
export const PCM16: SampleFormat = { code: 1, bytes: 2 };
/** ADPCM is accepted, but its samples are not decoded: such a call has no peaks. */
export const WITHOUT_PEAKS: SampleFormat = { code: 2, bytes: 1 };

/** Pieces of a WAV file of this size: noise. */
export function* wavOf(size: number, { code, bytes }: SampleFormat): Generator<Uint8Array> {
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(Math.min(size - 8, 0xffff_ffff), 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(code, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(8000, 24);
  header.writeUInt32LE(8000 * bytes, 28);
  header.writeUInt16LE(bytes, 32);
  header.writeUInt16LE(8 * bytes, 34);
  header.write('data', 36);
  header.writeUInt32LE(Math.min(size - 44, 0xffff_ffff), 40);
  yield header;
  for (let at = header.length; at < size; at += PIECE) {
    const from = (at * 7) % (NOISE.length - PIECE);
    yield NOISE.subarray(from, from + Math.min(PIECE, size - at));
  }
}

/** A container of consecutive frames: the header of the file, and the header and size of each frame. */
type FrameFormat = { readonly type: string; readonly first: Buffer; readonly head: Buffer; readonly bytes: number };

/** MPEG 1, layer III, one channel of 128 kbit/s at 44.1 kHz. */
export const MP3: FrameFormat = {
  type: 'audio/mpeg',
  first: Buffer.alloc(0),
  head: Buffer.from('fffb90c4', 'hex'),
  bytes: 417,
};
/** Opus: a page of one packet every 255 bytes or so, as from a recorder that flushes each packet. */
export const OGG: FrameFormat = {
  type: 'audio/ogg',
  first: oggPage(2, 0, Buffer.concat([Buffer.from('OpusHead\x01\x01', 'latin1'), Buffer.alloc(9)])),
  head: oggPage(0, 960, Buffer.alloc(200, 0x08)).subarray(0, 29),
  bytes: 228,
};

/** Page of one packet of up to 254 bytes. */
function oggPage(flags: number, granule: number, body: Buffer): Buffer {
  const head = Buffer.alloc(28);
  head.write('OggS', 'latin1');
  head.writeUInt8(flags, 5);
  head.writeUInt32LE(granule, 6);
  head.writeUInt8(1, 26);
  head.writeUInt8(body.length, 27);
  return Buffer.concat([head, body]);
}

/** Pieces of a file of frames of this size: headers and noise. */
function* framesOf(size: number, { first, head, bytes }: FrameFormat): Generator<Uint8Array> {
  yield first;
  const frames = Math.floor(PIECE / bytes);
  const piece = Buffer.from(NOISE.subarray(0, frames * bytes));
  for (let at = 0; at < piece.length; at += bytes) piece.set(head, at);
  for (let at = first.length; at < size; at += piece.length) yield piece.subarray(0, Math.min(piece.length, size - at));
}

/** With its pace, a session would only measure the pace. */
const WITHOUT_PACE = fileURLToPath(new URL('./without-pace.mjs', import.meta.url));

/** Serves a new deployment on these engines, without the pace of listening. */
export async function startBenchDeployment({ preload = [], ...engines }: Engines): Promise<BenchDeployment> {
  const world = await makeDemoWorld('any port', { ...engines, preload: [WITHOUT_PACE, ...preload] });
  try {
    await setUpTenants(world);
    await world.start();
  } catch (error) {
    await world.close();
    throw error;
  }
  const { keys } = required(world.tenants, 'harbour');
  const as = (key: string) => ({ authorization: `Bearer ${key}` });
  let calls = 0;

  const deposit = async (size: number, sound: SampleFormat | FrameFormat = MU_LAW): Promise<string> => {
    const call = `bench-${process.pid}-${calls++}`;
    const framed = 'type' in sound;
    const headers = { ...as(keys.uploader), 'content-type': framed ? sound.type : 'audio/wav' };
    const url = `${world.base}/v1/ingest/bench/${call}`;
    const { status, text } = await exchange({
      method: 'PUT',
      url,
      headers,
      body: { size, pieces: framed ? framesOf(size, sound) : wavOf(size, sound) },
    });
    if (status !== 201) throw new Error(`a deposit was answered with ${status}`);
    return textAt(JSON.parse(text), 'recording');
  };
  return {
    deposit,
    open: (recording) => openSession(world, recording),
    hear: async (media, range) => {
      const headers = { ...as(keys.reviewer), ...(range === undefined ? {} : { range }) };
      return exchange({ method: 'GET', url: `${world.base}${media}`, headers });
    },
    processes: world.processes,
    close: world.close,
  };
}

async function openSession(world: DemoWorld, recording: string): Promise<string> {
  const { keys } = required(world.tenants, 'harbour');
  const json = { recording, purpose: 'quality', reason: 'bench', minutes: 15 };
  const asked = await send(world, keys.reviewer, 'POST', '/v1/access-requests', { json });
  const approved = await send(
    world,
    keys.supervisor,
    'POST',
    `/v1/access-requests/${textAt(asked.body, 'id')}/approve`,
  );
  const grant = textAt(approved.body, 'grant', 'id');
  const opened = await send(world, keys.reviewer, 'POST', `/v1/grants/${grant}/sessions`);
  return `/v1/sessions/${textAt(opened.body, 'id')}/media`;
}
