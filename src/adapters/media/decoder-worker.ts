// The worker thread that decodes one recording after another: receives bytes as messages, sends the peaks in one.
import { parentPort } from 'node:worker_threads';
import type { SoundDecoder } from './decoded-meter.ts';
import type { FromWorker, NewRecording, ToWorker } from './decoder-codecs.ts';
import { mp3Sound } from './mp3-sound.ts';
import { opusSound } from './opus-sound.ts';
import { libopus, mpg123 } from './raw-decoders.ts';

/** A member that both packages have for their own workers (src/*DecoderWebWorker.js): the compiled module. */
type Compiled = {
  readonly _WASMAudioDecoderCommon: { readonly getModule: (of: unknown) => Promise<WebAssembly.Module> };
  readonly _EmscriptenWASM: unknown;
};

/** In both packages, a view of the memory of the instance: it is of no other recording. */
type Instance = { readonly _input: { readonly buf: Uint8Array } };

/** A decoder of one recording. `wipe` overwrites the memory of its instance, and with it all decoded sound. */
type Opened = { readonly sound: SoundDecoder; readonly module: WebAssembly.Module; readonly wipe: () => void };

const BLANK = Buffer.alloc(65_536);
/** Blocks that are blank are only read: most of the memory was never touched, and writing would take it. */
const wipeOf = (decoder: object) => (): void => {
  const memory = Buffer.from((decoder as Instance)._input.buf.buffer);
  for (let at = 0; at < memory.length; at += BLANK.length) {
    const block = memory.subarray(at, at + BLANK.length);
    if (Buffer.compare(block, BLANK) !== 0) block.fill(0);
  }
};

const moduleOf = async (decoder: object): Promise<WebAssembly.Module> => {
  const { _WASMAudioDecoderCommon, _EmscriptenWASM } = decoder as Compiled;
  return _WASMAudioDecoderCommon.getModule(_EmscriptenWASM);
};

async function open({ codec, compiled }: NewRecording): Promise<Opened> {
  if (codec.name === 'mp3') {
    const { MPEGDecoder } = await import('mpg123-decoder');
    if (compiled !== null) Object.assign(MPEGDecoder, { module: compiled });
    const decoder = new MPEGDecoder();
    await decoder.ready;
    return { sound: mp3Sound(mpg123(decoder)), module: await moduleOf(decoder), wipe: wipeOf(decoder) };
  }
  const { OpusDecoder } = await import('opus-decoder');
  if (compiled !== null) Object.assign(OpusDecoder, { module: compiled });
  const decoder = new OpusDecoder({ channels: codec.head.channels });
  await decoder.ready;
  const sound = opusSound(codec.head, libopus(decoder, codec.head.channels));
  return { sound, module: await moduleOf(decoder), wipe: wipeOf(decoder) };
}

const port = parentPort;
if (port === null) throw new Error('this is a worker thread');
let opened: Opened | null = null;

/** The result of a message; null for one that comes before its recording. */
async function answerTo(message: ToWorker): Promise<FromWorker | null> {
  if (typeof message === 'object' && 'codec' in message) {
    opened = await open(message);
    return { module: opened.module };
  }
  if (opened === null) return null;
  const { sound, wipe } = opened;
  if (message === 'end') {
    const peaks = sound.finish();
    opened = null;
    wipe();
    return { peaks };
  }
  const bytes = new Uint8Array(message);
  sound.push(bytes);
  bytes.fill(0);
  return 'taken';
}

port.on('message', (message: ToWorker) => {
  // An error ends the thread: nothing handles the rejection.
  void answerTo(message).then((answer) => {
    if (answer !== null) port.postMessage(answer);
  });
});
