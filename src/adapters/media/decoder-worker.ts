// The worker thread that decodes one recording: bytes come as messages, the peaks go back as one.
import { parentPort, workerData } from 'node:worker_threads';
import type { DecodedSound } from './decoded-meter.ts';
import type { ToWorker, WorkerCodec } from './decoder-messages.ts';
import { mp3Sound } from './mp3-sound.ts';
import { opusSound } from './opus-sound.ts';

/** A decoder that complains so often of a few bytes goes round in circles. */
const MOST_COMPLAINTS = 1_000;

let complaints = 0;
// The decoders write to the console what is wrong with a recording.
console.error = () => {
  complaints += 1;
  if (complaints > MOST_COMPLAINTS) throw new Error('the decoder makes no progress');
};

async function open(codec: WorkerCodec): Promise<DecodedSound> {
  if (codec.name === 'mp3') {
    const { MPEGDecoder } = await import('mpg123-decoder');
    const decoder = new MPEGDecoder();
    await decoder.ready;
    return mp3Sound((bytes) => decoder.decode(bytes));
  }
  const { OpusDecoder } = await import('opus-decoder');
  const decoder = new OpusDecoder({ channels: codec.head.channels });
  await decoder.ready;
  return opusSound(codec.head, (packet) => decoder.decodeFrame(packet));
}

const port = parentPort;
if (port === null) throw new Error('this is a worker thread');
const sound = await open(workerData as WorkerCodec);
port.on('message', (message: ToWorker) => {
  if (message === 'end') {
    const peaks = sound.finish();
    port.postMessage({ peaks });
    return;
  }
  complaints = 0;
  const bytes = new Uint8Array(message);
  sound.push(bytes);
  bytes.fill(0);
  port.postMessage('taken');
});
port.postMessage('ready');
