// The codecs that a worker thread decodes: the package of each, and the messages to and from the thread.

import { createRequire } from 'node:module';
import type { OpusHead } from './opus-sound.ts';

/** What a worker is made for. */
export type WorkerCodec = { readonly name: 'mp3' } | { readonly name: 'opus'; readonly head: OpusHead };

/** What it is given: with the module that another worker compiled, it need not do so again. */
export type WorkerData = { readonly codec: WorkerCodec; readonly compiled: WebAssembly.Module | null };

/** Bytes of the recording, in order, which the worker overwrites; and that there are no more. */
export type ToWorker = ArrayBuffer | 'end';

/** That the decoder is loaded, by its module; that the bytes were decoded; and at the end the object `peaks`, or null. */
export type FromWorker = { readonly module: WebAssembly.Module } | 'taken' | { readonly peaks: Uint8Array | null };

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
