// Codecs that a worker thread decodes: their packages, and the messages to and from the thread.

import { createRequire } from 'node:module';
import type { OpusHead } from './opus-sound.ts';

/** A worker's codec. */
export type WorkerCodec = { readonly name: 'mp3' } | { readonly name: 'opus'; readonly head: OpusHead };

/** A recording for a worker; with a module that another worker compiled, it need not compile again. */
export type NewRecording = { readonly codec: WorkerCodec; readonly compiled: WebAssembly.Module | null };

/** A new recording; its bytes, in order, which the worker overwrites; or its end. */
export type ToWorker = NewRecording | ArrayBuffer | 'end';

/** The decoder has loaded, with its module; bytes were decoded; and at the end the object `peaks`, or null. */
export type FromWorker = { readonly module: WebAssembly.Module } | 'taken' | { readonly peaks: Uint8Array | null };

/** Package names by codec. */
export const DECODER_PACKAGES = { mp3: 'mpg123-decoder', opus: 'opus-decoder' } as const;

const { resolve } = createRequire(import.meta.url);

/** Whether the codec's package is installed. */
export function isInstalled({ name }: WorkerCodec): boolean {
  try {
    resolve(DECODER_PACKAGES[name]);
    return true;
  } catch {
    return false;
  }
}
