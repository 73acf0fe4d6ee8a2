// What a decoder's worker and its pool say to each other.
import type { OpusHead } from './opus-sound.ts';

/** What a worker is made for. */
export type WorkerCodec = { readonly name: 'mp3' } | { readonly name: 'opus'; readonly head: OpusHead };

/** Bytes of the recording, in order, which the worker overwrites; and that there are no more. */
export type ToWorker = ArrayBuffer | 'end';

/** That the decoder is loaded; that the bytes were decoded; and at the end the object `peaks`, or null. */
export type FromWorker = 'ready' | 'taken' | { readonly peaks: Uint8Array | null };
