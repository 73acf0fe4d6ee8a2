// A worker thread that decodes one recording at a time, with its deadlines.
import { performance } from 'node:perf_hooks';
import { startWorker, workerFile } from '../threads/start-worker.ts';
import type { FromWorker, ToWorker, WorkerCodec } from './decoder-codecs.ts';

/** Time limits of a thread: to load the decoder, and of working time in total, by the bytes received. */
export type DecoderTimes = { readonly startMs: number; readonly baseMs: number; readonly perMibMs: number };

export type DecoderThread = {
  /** Starts a recording: the first, or one after the thread has answered with the peaks of another. */
  readonly begin: (codec: WorkerCodec, events: ThreadEvents) => void;
  /** Without a recording it does not keep the process alive. */
  readonly rest: (gone: () => void) => void;
  readonly send: (message: ArrayBuffer | 'end') => void;
  readonly isReady: () => boolean;
  /** Terminates it and discards its data. */
  readonly end: () => void;
};

/** Events of a thread. `gone` comes last and once, whatever ended it. */
export type ThreadEvents = {
  readonly answered: (message: FromWorker) => void;
  readonly gone: () => void;
};

const MIB = 1_048_576;
/** Heap limit of JavaScript; the decoders' own memory has a fixed size. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 2 };

export const DECODER_WORKER = workerFile(import.meta.url, 'decoder-worker');

/** A compiled module: threads that receive it start faster and use less memory. It contains code only, no audio. */
const modules = new Map<string, WebAssembly.Module>();

/** Starts a thread. It ends when it throws, exits, runs out of memory, or exceeds its time. */
export function decoderThread(file: URL, times: DecoderTimes): DecoderThread {
  const worker = startWorker(file, {
    // It needs nothing from this process's environment.
    env: {},
    // Its output could contain parts of the recording, so it is discarded.
    stdout: true,
    stderr: true,
    resourceLimits: LIMITS,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let events: ThreadEvents = { answered: () => undefined, gone: () => undefined };
  let key = '';
  let ready = false;
  let given = 0;
  let used = 0;
  let begun = performance.now();
  let answers = 0;
  const end = (): void => {
    clearTimeout(clock);
    void worker.terminate();
  };
  /** If this thread was blocked while the answer arrived, the answer is handled before the timeout. */
  const unlessAnswered = (before: number) => (): void => {
    setImmediate(() => {
      if (answers === before) end();
    });
  };
  let clock: NodeJS.Timeout | undefined;
  const start = (): void => {
    begun = performance.now();
    const left = times.baseMs + (times.perMibMs * given) / MIB - used;
    clock = setTimeout(unlessAnswered(answers), Math.max(0, left));
  };
  worker.on('message', (message: FromWorker) => {
    clearTimeout(clock);
    answers += 1;
    if (typeof message === 'object' && 'module' in message) {
      ready = true;
      modules.set(key, message.module);
    } else used += performance.now() - begun;
    events.answered(message);
  });
  // The exit event follows.
  worker.on('error', end);
  worker.on('messageerror', end);
  worker.on('exit', () => {
    clearTimeout(clock);
    events.gone();
  });
  return {
    begin: (codec, its) => {
      worker.ref();
      events = its;
      key = `${codec.name} ${file.href}`;
      ready = false;
      given = 0;
      used = 0;
      clock = setTimeout(unlessAnswered(answers), times.startMs);
      worker.postMessage({ codec, compiled: modules.get(key) ?? null } satisfies ToWorker);
    },
    rest: (gone) => {
      events = { answered: () => undefined, gone };
      worker.unref();
    },
    send: (message) => {
      if (!(message instanceof ArrayBuffer)) {
        start();
        worker.postMessage(message);
        return;
      }
      given += message.byteLength;
      start();
      worker.postMessage(message, [message]);
    },
    isReady: () => ready,
    end,
  };
}
