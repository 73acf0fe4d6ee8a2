// Starts a worker thread from its built file or, while developing, from its source.
import { Worker, type WorkerOptions } from 'node:worker_threads';

/** The file of a worker that lies next to `of`: its source, or the built file. `of`: the `import.meta.url` of that module. */
export function workerFile(of: string, name: string): URL {
  return new URL(`./${name}.${of.endsWith('.ts') ? 'ts' : 'js'}`, of);
}

/** Starts the thread, with no arguments of this process. Throws where the system allows no more threads. */
export function startWorker(file: URL, options: WorkerOptions): Worker {
  const bare = { execArgv: [], argv: [], ...options };
  if (!file.pathname.endsWith('.ts')) return new Worker(file, bare);
  // A loader that was registered in this thread does not count there.
  const loader = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const source = JSON.stringify(file.href);
  const code = `import(${loader}).then((tsx) => { tsx.register(); return import(${source}); });`;
  return new Worker(code, { ...bare, eval: true });
}
