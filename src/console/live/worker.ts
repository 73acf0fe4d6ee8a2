// Shared worker with one event stream for all pages of a browser, while any is open.
import type { ToPage, ToWorker } from './messages.ts';
import { openStream } from './open-stream.ts';

const pages = new Set<MessagePort>();
let closeStream: (() => void) | null = null;
let isOpen = false;

function broadcast(message: ToPage): void {
  if ('open' in message) isOpen = message.open;
  for (const page of pages) page.postMessage(message);
}

function onPageMessage(page: MessagePort, message: ToWorker): void {
  if (message === 'bye') pages.delete(page);
  if (message !== 'bye') pages.add(page);
  if (message === 'again' || pages.size === 0) {
    closeStream?.();
    closeStream = null;
  }
  if (pages.size > 0) closeStream ??= openStream(broadcast);
  if (message === 'hello') page.postMessage({ open: isOpen } satisfies ToPage);
}

addEventListener('connect', (event) => {
  const page = (event as MessageEvent).ports[0];
  if (page === undefined) return;
  page.onmessage = ({ data }: MessageEvent<ToWorker>) => onPageMessage(page, data);
});
