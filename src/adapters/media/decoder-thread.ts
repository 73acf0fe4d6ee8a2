// One worker thread that decodes one recording, and the clock it works against.
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import type { FromWorker, ToWorker, WorkerCodec, WorkerData } from './decoder-codecs.ts';

/** How long a thread may take: to load the decoder, and of working time altogether by the bytes it was given. */
export type DecoderTimes = { readonly startMs: number; readonly baseMs: number; readonly perMibMs: number };

export type DecoderThread = {
  readonly send: (message: ToWorker) => void;
  readonly isReady: () => boolean;
  /** Ends it. What it held goes with it. */
  readonly end: () => void;
};

/** What a thread reports. `gone` comes last and once, whatever ended it. */
export type ThreadEvents = {
  readonly answered: (message: FromWorker) => void;
  readonly gone: () => void;
};

const MIB = 1_048_576;
const FILE = import.meta.url;
/** The heap of JavaScript; the decoders' own memory is of a fixed size. */
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2, stackSizeMb: 2 };

/** The worker's file beside this one: its source, or what the build made of it. */
export const DECODER_WORKER = new URL(`./decoder-worker.${FILE.endsWith('.ts') ? 'ts' : 'js'}`, FILE);

/** Compiled once: a thread that is given it starts sooner and needs less memory. It is code, and nothing of a recording. */
const modules = new Map<string, WebAssembly.Module>();

/** Starts a thread. It is ended when it throws, exits, runs out of memory, or works longer than it may. */
export function decoderThread(file: URL, codec: WorkerCodec, times: DecoderTimes, events: ThreadEvents): DecoderThread {
  const key = `${codec.name} ${file.href}`;
  const sources = file.pathname.endsWith('.ts');
  const worker = new Worker(sources ? execArgvFor(file) : file, {
    eval: sources,
    workerData: { codec, compiled: modules.get(key) ?? null } satisfies WorkerData,
    // It needs nothing of this process's environment.
    ...{ execArgv: [], env: {}, argv: [] },
    // What it prints could be of the recording: nobody reads it.
    stdout: true,
    stderr: true,
    resourceLimits: LIMITS,
  });
  worker.stdout.resume();
  worker.stderr.resume();
  let ready = false;
  let given = 0;
  let used = 0;
  let begun = performance.now();
  let answers = 0;
  const end = (): void => {
    clearTimeout(clock);
    void worker.terminate();
  };
  /** Where this thread was kept from hearing the answer, it hears it before its own next turn. */
  const unlessAnswered = (before: number) => (): void => {
    setImmediate(() => {
      if (answers === before) end();
    });
  };
  let clock = setTimeout(unlessAnswered(0), times.startMs);
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
  // The exit follows.
  worker.on('error', end);
  worker.on('messageerror', end);
  worker.on('exit', () => {
    clearTimeout(clock);
    events.gone();
  });
  return {
    send: (message) => {
      if (message === 'end') {
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

/** What loads a source in a thread: a loader that was registered in this one does not count there. */
function execArgvFor(file: URL): string {
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  return `import(${loader}).then((tsx) => { tsx.register(); return import(${JSON.stringify(file.href)}); });`;
}
