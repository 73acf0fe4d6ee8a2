// A few worker threads that run the steps of a blob in one go: each step alone would take a turn of the event loop.
import type { Worker } from 'node:worker_threads';
import { VaultError } from '../../errors.ts';
import { startWorker, workerFile } from '../threads/start-worker.ts';
import type { FileRange, NewFile } from './file-steps.ts';
import type { FileAnswer, FileJob } from './file-worker.ts';

type Thread = { readonly worker: Worker; job: Waiting | null };
type Waiting = { readonly job: FileJob; readonly settle: (answer: FileAnswer | null) => void };

/** Each waits for the disk: as many syncs at once as Node's own threads would make. */
const MOST = 4;
const LIMITS = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 };
const WORKER = workerFile(import.meta.url, 'file-worker');

/** Of the process: every store uses them. Each is started when the others are busy. */
const threads: Thread[] = [];
const queue: Waiting[] = [];

/** Creates a blob's file; false where another operation's blob has the name. Throws the file system's errors. */
export async function createFileInThread(file: NewFile): Promise<boolean> {
  return (await run({ op: 'create', ...file })) === true;
}

/** Reads a range into memory that threads share, and returns how many bytes there were. Throws as above. */
export async function readRangeInThread(range: FileRange): Promise<number> {
  return Number(await run({ op: 'read', ...range }));
}

async function run(job: FileJob): Promise<boolean | number> {
  const answer = await new Promise<FileAnswer | null>((settle) => {
    queue.push({ job, settle });
    pump();
  });
  if (answer === null)
    throw new VaultError('store_unavailable', 'a thread of the object store ended', { retryAfter: 5 });
  if ('done' in answer) return answer.done;
  throw Object.assign(new Error(answer.message), { code: answer.code });
}

function pump(): void {
  while (queue.length > 0) {
    const idle = threads.find(({ job }) => job === null);
    if (idle === undefined && threads.length >= MOST) return;
    const next = queue.shift() ?? null;
    const thread = idle ?? startOrNull();
    if (thread === null) {
      next?.settle(null);
      continue;
    }
    thread.job = next;
    // It keeps the process alive only while it works.
    thread.worker.ref();
    if (next !== null) send(thread.worker, next.job);
  }
}

/** Shared memory is lent. Other memory is copied, only now: as many copies as threads, however many blobs wait. */
function send(worker: Worker, job: FileJob): void {
  if (job.op === 'create' && !(job.bytes.buffer instanceof SharedArrayBuffer)) {
    // A view would take all of its memory along.
    const bytes = new Uint8Array(job.bytes);
    worker.postMessage({ ...job, bytes }, [bytes.buffer]);
  } else worker.postMessage(job);
}

/** A new thread; null where the system allows no more of them. */
function startOrNull(): Thread | null {
  try {
    return start();
  } catch {
    return null;
  }
}

function start(): Thread {
  const worker = startWorker(WORKER, { resourceLimits: LIMITS, env: {} });
  const thread: Thread = { worker, job: null };
  const finish = (answer: FileAnswer | null): void => {
    const { job } = thread;
    thread.job = null;
    worker.unref();
    job?.settle(answer);
  };
  worker.on('message', (answer: FileAnswer) => {
    finish(answer);
    pump();
  });
  // The exit event follows.
  worker.on('error', () => undefined);
  worker.on('exit', () => {
    threads.splice(threads.indexOf(thread), 1);
    finish(null);
    pump();
  });
  threads.push(thread);
  return thread;
}
