// Pool of worker threads that decode MP3 and Opus: few, one recording at a time each, with limits of time and memory.
import { performance } from 'node:perf_hooks';
import type { FromWorker, WorkerCodec } from './decoder-codecs.ts';
import { isInstalled } from './decoder-codecs.ts';
import { type DecoderJob, LOW_WATER_BYTES, newJob, waitForRoom } from './decoder-job.ts';
import { DECODER_WORKER, type DecoderThread, type DecoderTimes, decoderThread } from './decoder-thread.ts';

/** One recording being decoded. A failure costs only its peaks: nothing here throws. */
export type Decoding = {
  /** Takes the next bytes and copies them. */
  readonly push: (bytes: Uint8Array) => void;
  /** Resolves once few bytes wait, or once this recording has waited for that this many milliseconds in total. */
  readonly room: (mostMs?: number) => Promise<void>;
  /** The object `peaks` of all bytes, or null. */
  readonly finish: () => Promise<Buffer | null>;
  /** Cancels unfinished decoding. */
  readonly close: () => void;
};

export type DecoderPool = {
  /** Starts a recording; null where the decoder's package is not installed. */
  readonly begin: (codec: WorkerCodec) => Decoding | null;
  /** Whether a decoder loads. */
  readonly loads: (codec: WorkerCodec) => Promise<boolean>;
  readonly close: () => Promise<void>;
};

export type PoolOptions = {
  readonly worker: URL;
  /** Maximum number of threads. */
  readonly threads: number;
  readonly times: DecoderTimes;
  /** A thread is taken from a recording that has sent nothing for this long when another recording waits. */
  readonly idleMs: number;
  /** A thread without a recording ends after this long. */
  readonly restMs: number;
};

const MIB = 1_048_576;
const DEFAULT_OPTIONS: PoolOptions = {
  worker: DECODER_WORKER,
  threads: 2,
  times: { startMs: 5_000, baseMs: 2_000, perMibMs: 4_000 },
  idleMs: 1_000,
  restMs: 5_000,
};
/** A recording gets a thread once this many bytes wait, or all of them: a slow upload does not occupy one early. */
const START_BYTES = MIB;
/** Maximum bytes that may wait, of one recording and of all. */
const MAX_QUEUED_BYTES = 4 * MIB;
const MAX_TOTAL_BYTES = 24 * MIB;
/** Limit for a load test of a decoder: no deposit waits for it. */
const LOAD_TEST_MS = 25_000;

/** A thread without a recording, and what ends it. */
type Resting = { readonly thread: DecoderThread; readonly end: NodeJS.Timeout };

/** Creates a pool. A thread starts with a recording and ends some seconds after its last one, or with one that fails. */
export function decoderPool(options: Partial<PoolOptions> = {}): DecoderPool {
  const { worker, threads, times, idleMs, restMs } = { ...DEFAULT_OPTIONS, ...options };
  const open = new Set<DecoderJob>();
  let queued: DecoderJob[] = [];
  let resting: Resting[] = [];
  let alive = 0;
  let held = 0;
  let closing: (() => void) | null = null;
  let idleCheck: NodeJS.Timeout | undefined;

  const settle = (job: DecoderJob, peaks: Buffer | null): void => {
    if (job.state === 'done') return;
    job.state = 'done';
    clearTimeout(job.deadline);
    job.queue.clear();
    held -= job.waiting;
    queued = queued.filter((other) => other !== job);
    open.delete(job);
    // Also discards what it has decoded of the recording.
    job.thread?.end();
    for (const go of job.onRoom) go();
    job.settle(peaks);
  };

  const feed = (job: DecoderJob): void => {
    const { thread } = job;
    if (thread === null || !thread.isReady() || job.sent > 0 || job.state === 'done' || job.state === 'ending') return;
    const piece = job.queue.take(job.state === 'whole');
    if (piece !== null) {
      job.sent = piece.byteLength;
      thread.send(piece);
    } else if (job.state === 'whole') {
      job.state = 'ending';
      thread.send('end');
    } else job.idleSince = performance.now();
  };

  const answered = (job: DecoderJob, message: FromWorker): void => {
    if (job.state === 'done') return;
    if (typeof message === 'object' && 'peaks' in message) {
      const { thread } = job;
      // Settling ends the thread of a recording that is not whole.
      job.thread = null;
      settle(job, message.peaks === null ? null : Buffer.from(message.peaks));
      if (thread !== null) release(thread);
      return;
    }
    held -= job.sent;
    job.waiting -= job.sent;
    job.sent = 0;
    if (job.waiting <= LOW_WATER_BYTES) for (const go of job.onRoom.splice(0)) go();
    feed(job);
  };

  const gone = (): void => {
    alive -= 1;
    const next = alive < threads ? queued.shift() : undefined;
    if (next !== undefined) seat(next);
    if (alive === 0) closing?.();
  };

  const give = (thread: DecoderThread, job: DecoderJob): void => {
    job.thread = thread;
    thread.begin(job.codec, {
      answered: (message) => answered(job, message),
      gone: () => {
        settle(job, null);
        gone();
      },
    });
  };

  const seat = (job: DecoderJob): void => {
    const rested = resting.shift();
    clearTimeout(rested?.end);
    if (rested === undefined) alive += 1;
    try {
      give(rested?.thread ?? decoderThread(worker, times), job);
    } catch {
      settle(job, null);
      gone();
    }
  };

  /** A thread whose recording was decoded to its end takes the next one, or rests. */
  const release = (thread: DecoderThread): void => {
    const next = closing === null ? queued.shift() : undefined;
    if (next !== undefined) {
      give(thread, next);
      return;
    }
    const leave = (): void => {
      resting = resting.filter((other) => other.thread !== thread);
    };
    // Out of the list first: while it ends it must get no other recording.
    const rested = (): void => {
      leave();
      thread.end();
    };
    const end = setTimeout(rested, closing === null ? restMs : 0);
    end.unref();
    resting.push({ thread, end });
    thread.rest(() => {
      leave();
      gone();
    });
  };

  const want = (job: DecoderJob): void => {
    if (job.thread !== null || queued.includes(job)) return;
    if (alive < threads || resting.length > 0) seat(job);
    else {
      queued.push(job);
      idleCheck ??= setTimeout(takeIdle, idleMs);
    }
  };

  /** Takes threads from stalled uploads while others wait. */
  const takeIdle = (): void => {
    idleCheck = undefined;
    if (queued.length === 0) return;
    const isIdle = ({ thread, state, waiting, idleSince }: DecoderJob): boolean =>
      thread?.isReady() === true && state === 'coming' && waiting < 65_536 && performance.now() - idleSince >= idleMs;
    const idle = [...open].find(isIdle);
    if (idle !== undefined) settle(idle, null);
    idleCheck = setTimeout(takeIdle, idleMs);
  };

  const push = (job: DecoderJob, bytes: Uint8Array): void => {
    if (job.state !== 'coming') return;
    job.queue.add(bytes);
    job.waiting += bytes.length;
    held += bytes.length;
    if (job.waiting > MAX_QUEUED_BYTES || held > MAX_TOTAL_BYTES) {
      settle(job, null);
      return;
    }
    if (job.waiting >= START_BYTES) want(job);
    feed(job);
  };

  const finish = (job: DecoderJob): Promise<Buffer | null> => {
    if (job.state !== 'coming') return job.result;
    job.state = 'whole';
    if (job.thread === null && job.waiting === 0) settle(job, null);
    else {
      const start = job.thread?.isReady() === true ? 0 : times.startMs;
      const wait = start + times.baseMs + (times.perMibMs * job.waiting) / MIB;
      job.deadline = setTimeout(() => settle(job, null), wait);
      want(job);
      feed(job);
    }
    return job.result;
  };

  return {
    begin: (codec) => {
      if (closing !== null || !isInstalled(codec)) return null;
      const job = newJob(codec);
      open.add(job);
      return {
        push: (bytes) => push(job, bytes),
        room: (mostMs = Number.POSITIVE_INFINITY) => waitForRoom(job, mostMs),
        finish: () => finish(job),
        close: () => settle(job, null),
      };
    },
    loads: (codec) =>
      new Promise((resolve) => {
        if (!isInstalled(codec)) {
          resolve(false);
          return;
        }
        const thread = decoderThread(worker, { ...times, startMs: LOAD_TEST_MS });
        const answered = (): void => {
          resolve(true);
          thread.end();
        };
        thread.begin(codec, { answered, gone: () => resolve(false) });
      }),
    close: async () => {
      const ended = new Promise<void>((resolve) => {
        closing = resolve;
      });
      for (const job of open) settle(job, null);
      for (const { thread } of resting) thread.end();
      clearTimeout(idleCheck);
      if (alive > 0) await ended;
    },
  };
}
