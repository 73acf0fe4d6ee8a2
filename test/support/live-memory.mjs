// Loaded into a service by a test: at SIGUSR2 it collects garbage, and writes how many bytes are still in use.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');

let reports = 0;

async function report() {
  // What a finalizer frees goes with the next collection.
  for (let n = 0; n < 3; n++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  process.stderr.write(`live memory ${++reports}: ${heapUsed + external}\n`);
}

process.on('SIGUSR2', () => void report());
