// The packages that decode; both are optional dependencies.
import { createRequire } from 'node:module';
import type { WorkerCodec } from './decoder-messages.ts';

/** By codec. */
export const DECODER_PACKAGES = { mp3: 'mpg123-decoder', opus: 'opus-decoder' } as const;

const { resolve } = createRequire(import.meta.url);

/** Whether the codec's package is there. */
export function isInstalled({ name }: WorkerCodec): boolean {
  try {
    resolve(DECODER_PACKAGES[name]);
    return true;
  } catch {
    return false;
  }
}
