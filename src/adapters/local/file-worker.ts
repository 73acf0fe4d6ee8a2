// The worker thread of the folder store: runs the steps of one blob at a time.
import { parentPort } from 'node:worker_threads';
import { createFile, type FileRange, type NewFile, readFileRange } from './file-steps.ts';
import { fileCode } from './files.ts';

/** A job of a thread. */
export type FileJob = ({ readonly op: 'create' } & NewFile) | ({ readonly op: 'read' } & FileRange);

/** The result of the step, or its error: an error object would lose its code on the way. */
export type FileAnswer =
  | { readonly done: boolean | number }
  | { readonly code: string | undefined; readonly message: string };

function run(job: FileJob): FileAnswer {
  try {
    return { done: job.op === 'create' ? createFile(job) : readFileRange(job) };
  } catch (error) {
    return { code: fileCode(error), message: error instanceof Error ? error.message : 'failed' };
  }
}

const port = parentPort;
port?.on('message', (job: FileJob) => port.postMessage(run(job)));
