// A recording that waits for its decoder or is decoded: what of it waits, and who waits for it.
import { performance } from 'node:perf_hooks';
import type { WorkerCodec } from './decoder-codecs.ts';
import type { DecoderThread } from './decoder-thread.ts';
import { type PieceQueue, pieceQueue } from './piece-queue.ts';

/** A sender waits for room while more bytes than this wait. */
export const LOW_WATER_BYTES = 2 * 1_048_576;

export type DecoderJob = {
  readonly codec: WorkerCodec;
  readonly queue: PieceQueue;
  thread: DecoderThread | null;
  /** Received bytes that are not decoded yet, and how many of them the thread has. */
  waiting: number;
  sent: number;
  state: 'coming' | 'whole' | 'ending' | 'done';
  idleSince: number;
  deadline: NodeJS.Timeout | undefined;
  onRoom: (() => void)[];
  /** Milliseconds that its sender has waited for room. */
  waited: number;
  readonly settle: (peaks: Buffer | null) => void;
  readonly result: Promise<Buffer | null>;
};

/** A recording of which nothing has arrived. */
export function newJob(codec: WorkerCodec): DecoderJob {
  let settle: DecoderJob['settle'] = () => undefined;
  const result = new Promise<Buffer | null>((resolve) => {
    settle = resolve;
  });
  const nothing = {
    thread: null,
    waiting: 0,
    sent: 0,
    idleSince: performance.now(),
    deadline: undefined,
    onRoom: [],
    waited: 0,
  };
  return { codec, queue: pieceQueue(), ...nothing, state: 'coming', settle, result };
}

/** Resolves once few bytes wait, or once this recording has waited for that long in total. */
export async function waitForRoom(job: DecoderJob, mostMs: number): Promise<void> {
  const left = mostMs - job.waited;
  if (job.state === 'done' || job.waiting <= LOW_WATER_BYTES || left < 1) return;
  const began = performance.now();
  let timer: NodeJS.Timeout | undefined;
  await new Promise<void>((resolve) => {
    if (left !== Number.POSITIVE_INFINITY) timer = setTimeout(resolve, left);
    job.onRoom.push(resolve);
  });
  clearTimeout(timer);
  job.waited += performance.now() - began;
}
