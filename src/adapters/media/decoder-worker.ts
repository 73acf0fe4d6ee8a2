// The worker thread that decodes one recording: receives bytes as messages, sends the peaks in one.
import { parentPort, workerData } from 'node:worker_threads';
import type { SoundDecoder } from './decoded-meter.ts';
import type { ToWorker, WorkerData } from './decoder-codecs.ts';
import { mp3Sound } from './mp3-sound.ts';
import { opusSound } from './opus-sound.ts';
import { libopus, mpg123 } from './raw-decoders.ts';

/** A member that both packages have for their own workers (src/*DecoderWebWorker.js): the compiled module. */
type Compiled = {
  readonly _WASMAudioDecoderCommon: { readonly getModule: (of: unknown) => Promise<WebAssembly.Module> };
  readonly _EmscriptenWASM: unknown;
};

const { codec, compiled } = workerData as WorkerData;
const moduleOf = async (decoder: object): Promise<WebAssembly.Module> => {
  const { _WASMAudioDecoderCommon, _EmscriptenWASM } = decoder as Compiled;
  return _WASMAudioDecoderCommon.getModule(_EmscriptenWASM);
};

async function open(): Promise<readonly [SoundDecoder, WebAssembly.Module]> {
  if (codec.name === 'mp3') {
    const { MPEGDecoder } = await import('mpg123-decoder');
    if (compiled !== null) Object.assign(MPEGDecoder, { module: compiled });
    const decoder = new MPEGDecoder();
    await decoder.ready;
    return [mp3Sound(mpg123(decoder)), await moduleOf(decoder)];
  }
  const { OpusDecoder } = await import('opus-decoder');
  if (compiled !== null) Object.assign(OpusDecoder, { module: compiled });
  const decoder = new OpusDecoder({ channels: codec.head.channels });
  await decoder.ready;
  return [opusSound(codec.head, libopus(decoder, codec.head.channels)), await moduleOf(decoder)];
}

const port = parentPort;
if (port === null) throw new Error('this is a worker thread');
const [sound, module] = await open();
port.on('message', (message: ToWorker) => {
  if (message === 'end') {
    const peaks = sound.finish();
    port.postMessage({ peaks });
    return;
  }
  const bytes = new Uint8Array(message);
  sound.push(bytes);
  bytes.fill(0);
  port.postMessage('taken');
});
port.postMessage({ module });
