// A decoder worker whose behaviour the recording chooses: it decodes, hangs, throws, exits, or exhausts its memory.
import { parentPort } from 'node:worker_threads';
import type { ToWorker } from '../../src/adapters/media/decoder-codecs.ts';

const kept: string[][] = [];

const DEEDS: Readonly<Record<string, () => void>> = {
  hang: () => {
    for (;;) Math.sqrt(2);
  },
  throw: () => {
    throw new Error('the recording said so');
  },
  reject: () => void Promise.reject(new Error('the recording said so')),
  exit: () => process.exit(3),
  memory: () => {
    for (;;) kept.push(Array.from({ length: 1_000 }, (_, n) => `${n} of ${kept.length}`));
  },
  print: () => {
    for (let n = 0; n < 1_000; n++) process.stdout.write('a secret of the recording\n');
    process.stderr.write('a secret of the recording\n');
  },
  silent: () => undefined,
};

let bytes = 0;
let deed = '';
parentPort?.on('message', (message: ToWorker) => {
  if (message === 'end') {
    parentPort?.postMessage({ peaks: Buffer.from(`${deed} ${bytes}`) });
    return;
  }
  if (!(message instanceof ArrayBuffer)) {
    bytes = 0;
    parentPort?.postMessage({ module });
    return;
  }
  if (bytes === 0) deed = Buffer.from(message).toString('latin1').split(' ')[0] ?? '';
  bytes += message.byteLength;
  DEEDS[deed]?.();
  if (deed !== 'silent') parentPort?.postMessage('taken');
});
// The smallest module there is.
const module = new WebAssembly.Module(Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
