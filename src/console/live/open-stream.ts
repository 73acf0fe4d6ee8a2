// One event stream of the service with reconnection: by the browser first, later by this module.
import type { AccessEvent, ToPage } from './messages.ts';

const PATH = '/v1/events';
const WAITS = [1_000, 2_000, 5_000, 10_000, 30_000];

/** Opens the stream. Returns a function that closes it. */
export function openStream(post: (message: ToPage) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  const open = (): void => {
    source = new EventSource(PATH);
    source.onopen = () => {
      failures = 0;
      post({ open: true });
    };
    source.addEventListener('access', ({ data }: MessageEvent<string>) => {
      post({ event: JSON.parse(data) as AccessEvent });
    });
    source.addEventListener('missed', () => {
      // The buffer overflowed: handled like a new stream, so everything is refetched.
      post({ open: false });
      post({ open: true });
    });
    source.onerror = () => {
      post({ open: false });
      if (source?.readyState !== EventSource.CLOSED) return;
      // Rejected permanently: the sign-in may have ended, or the service is being updated.
      timer = setTimeout(open, WAITS[Math.min(failures, WAITS.length - 1)]);
      failures += 1;
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
    post({ open: false });
  };
}
