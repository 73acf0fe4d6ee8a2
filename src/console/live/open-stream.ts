// One stream of events from the service, opened again when it breaks: at once by the browser, later by ourselves.
import type { AccessEvent, ToPage } from './messages.ts';

const PATH = '/v1/events';
const WAITS = [1_000, 2_000, 5_000, 10_000, 30_000];

/** Opens the stream; the function returned closes it. */
export function openStream(tell: (message: ToPage) => void): () => void {
  let source: EventSource | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  const open = (): void => {
    source = new EventSource(PATH);
    source.onopen = () => {
      failures = 0;
      tell({ open: true });
    };
    source.addEventListener('access', ({ data }: MessageEvent<string>) => {
      tell({ event: JSON.parse(data) as AccessEvent });
    });
    source.addEventListener('missed', () => {
      // Too much happened meanwhile: as if the stream had just been opened, everything is read again.
      tell({ open: false });
      tell({ open: true });
    });
    source.onerror = () => {
      tell({ open: false });
      if (source?.readyState !== EventSource.CLOSED) return;
      // Refused for good: the sign-in may be over, or the service is being changed.
      timer = setTimeout(open, WAITS[Math.min(failures, WAITS.length - 1)]);
      failures += 1;
    };
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
    tell({ open: false });
  };
}
