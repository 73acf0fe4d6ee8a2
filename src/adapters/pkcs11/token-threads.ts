// A few worker threads with one session each: that many concurrent calls to the HSM, none of which blocks the process.
import { setMaxListeners } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { VaultError } from '../../errors.ts';
import type { Wait } from '../../ports/object-store.ts';
import { startWorker, workerFile } from '../threads/start-worker.ts';
import type { TokenAnswer, TokenRequest, TokenSettings } from './token-messages.ts';

export type TokenThreads = {
  /**
   * Answers when a thread is free and the HSM has answered. Throws `key_service_unavailable` after twelve seconds, and once
   * the caller's signal fires. `bulk` leaves one thread to everybody else.
   */
  readonly ask: (request: TokenRequest, how: { readonly bulk: boolean }, wait: Wait) => Promise<TokenAnswer>;
  /** Ends all threads and aborts calls in progress. */
  readonly close: () => Promise<void>;
};

type Thread = { readonly worker: Worker; job: Job | null };
type Job = { readonly request: TokenRequest; readonly bulk: boolean; readonly settle: (answer: TokenAnswer) => void };

const TOTAL_MS = 12_000;
const CLOSE_MS = 2_000;
const RETRY_AFTER_SECONDS = 5;
const TOKEN_WORKER = workerFile(import.meta.url, 'token-worker');

/** At most `most` threads, each started when the others are busy. They keep the process alive only while they work. */
export function tokenThreads(settings: TokenSettings, most: number): TokenThreads {
  const threads = new Set<Thread>();
  const queue: Job[] = [];
  let closed = false;

  const next = (): Job | undefined => {
    const bulk = [...threads].filter(({ job }) => job?.bulk === true).length;
    const at = queue.findIndex((job) => !job.bulk || bulk < Math.max(1, most - 1));
    return at < 0 ? undefined : queue.splice(at, 1)[0];
  };

  const start = (): Thread => {
    // It inherits the process's environment: a vendor's module finds its configuration there.
    const worker = startWorker(TOKEN_WORKER, { workerData: settings });
    const thread: Thread = { worker, job: null };
    const over = (): void => {
      threads.delete(thread);
      finish(thread, { failure: { kind: 'away', message: 'the thread of the PKCS#11 module ended' } });
    };
    worker.unref();
    worker.on('message', (answer: TokenAnswer) => finish(thread, answer));
    worker.on('error', () => undefined);
    worker.on('exit', over);
    threads.add(thread);
    return thread;
  };

  const finish = (thread: Thread, answer: TokenAnswer): void => {
    const { job } = thread;
    thread.job = null;
    thread.worker.unref();
    job?.settle(answer);
    pump();
  };

  const pump = (): void => {
    while (!closed && queue.length > 0) {
      const idle = [...threads].find(({ job }) => job === null);
      if (idle === undefined && threads.size >= most) return;
      const job = next();
      if (job === undefined) return;
      const thread = idle ?? start();
      thread.job = job;
      thread.worker.ref();
      const { request } = job;
      thread.worker.postMessage(request, request.op === 'wrap' ? [request.dataKey.buffer] : []);
    }
  };

  return {
    ask: async (request, { bulk }, { signal }) => {
      if (closed) throw unavailable('the key service is closed');
      // Many requests may wait under one signal.
      setMaxListeners(0, signal);
      return new Promise<TokenAnswer>((resolve, reject) => {
        let waiting = true;
        const end = (): void => {
          waiting = false;
          clearTimeout(late);
          signal.removeEventListener('abort', abandon);
        };
        const job: Job = {
          ...{ request, bulk },
          settle: (answer) => {
            if (!waiting) {
              forget(answer);
              return;
            }
            end();
            resolve(answer);
          },
        };
        const abandon = (): void => {
          end();
          const at = queue.indexOf(job);
          if (at >= 0) queue.splice(at, 1);
          reject(unavailable('no answer of the HSM in time'));
        };
        const late = setTimeout(abandon, TOTAL_MS);
        signal.addEventListener('abort', abandon, { once: true });
        if (signal.aborted) {
          abandon();
          return;
        }
        queue.push(job);
        pump();
      });
    },
    close: async () => {
      closed = true;
      for (const job of queue.splice(0))
        job.settle({ failure: { kind: 'away', message: 'the key service is closed' } });
      await Promise.all([...threads].map(({ worker }) => end(worker)));
    },
  };
}

/** A thread whose call does not return is left running: it ends with the process. */
async function end(worker: Worker): Promise<void> {
  worker.ref();
  await new Promise<void>((resolve) => {
    const late = setTimeout(resolve, CLOSE_MS);
    worker.once('exit', () => {
      clearTimeout(late);
      resolve();
    });
    worker.postMessage('close');
  });
  worker.unref();
}

function forget(answer: TokenAnswer): void {
  if ('value' in answer) answer.value.dataKey?.fill(0);
}

/** `key_service_unavailable`, with a time to try again. */
export function unavailable(message: string): VaultError {
  return new VaultError('key_service_unavailable', message, { retryAfter: RETRY_AFTER_SECONDS });
}
