// Event stream of this page, over a shared worker where the browser has one.
import { createStore } from '../state/store.ts';
import type { AccessEvent, ToPage, ToWorker } from './messages.ts';
import { openStream } from './open-stream.ts';

/** Whether the stream is connected; pages that show waiting items poll while it is not. */
export const streaming = createStore(false);

const listeners = new Set<(event: AccessEvent) => void>();

/** Calls `listener` for each event. Returns a function that stops it. */
export function onAccessEvent(listener: (event: AccessEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function onWorkerMessage(message: ToPage): void {
  if ('open' in message) {
    if (streaming.get() !== message.open) streaming.set(message.open);
    return;
  }
  for (const listener of [...listeners]) listener(message.event);
}

function sharedWorker(): SharedWorker | null {
  if (typeof SharedWorker === 'undefined') return null;
  try {
    return new SharedWorker(new URL('./worker.ts', import.meta.url), { type: 'module', name: 'callvault' });
  } catch {
    return null;
  }
}

/** Starts the stream for the signed-in person. Returns a function that stops it. */
export function startEventStream(): () => void {
  const worker = sharedWorker();
  if (worker === null) return openStream(onWorkerMessage);
  const { port } = worker;
  let own: (() => void) | null = null;
  // A worker whose script fails to load or run never answers.
  worker.onerror = () => {
    own ??= openStream(onWorkerMessage);
  };
  const say = (message: ToWorker): void => port.postMessage(message);
  const bye = (): void => say('bye');
  const hello = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) say('hello');
  };
  port.onmessage = ({ data }: MessageEvent<ToPage>) => onWorkerMessage(data);
  // Another person may have signed in since the worker opened its stream.
  say('again');
  addEventListener('pagehide', bye);
  addEventListener('pageshow', hello);
  return () => {
    removeEventListener('pagehide', bye);
    removeEventListener('pageshow', hello);
    own?.();
    bye();
    port.close();
  };
}
