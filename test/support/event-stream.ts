// A minimal client of Server-Sent Events: the events so far, the end of the stream, and closing it.
import { get, type IncomingMessage } from 'node:http';
import { until } from './until.ts';

export type StreamedEvent = { readonly id?: string; readonly event?: string; readonly data?: string };

export type EventStream = {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  /** Blocks so far, without comments. */
  readonly events: readonly StreamedEvent[];
  readonly text: () => string;
  /** The `data` of all events of access so far. */
  readonly accessEvents: () => Readonly<Record<string, string>>[];
  /** Waits for so many events of access; throws after a timeout. */
  readonly wait: (count: number) => Promise<void>;
  /** Resolves once the service has ended the stream. */
  readonly ended: Promise<void>;
  readonly close: () => void;
};

/** Opens a stream. */
export async function openStream(url: string, headers: Readonly<Record<string, string>>): Promise<EventStream> {
  const reply = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: false }, resolve).on('error', reject);
  });
  const events: StreamedEvent[] = [];
  let text = '';
  let rest = '';
  reply.setEncoding('utf8');
  reply.on('data', (piece: string) => {
    text += piece;
    rest += piece;
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const lines = rest.slice(0, end).split('\n');
      rest = rest.slice(end + 2);
      const fields = lines.filter((line) => !line.startsWith(':')).map((line) => line.split(/: (.*)/).slice(0, 2));
      events.push(Object.fromEntries(fields) as StreamedEvent);
    }
  });
  const ended = new Promise<void>((resolve) => {
    reply.on('close', resolve);
  });
  const accessEvents = () =>
    events.filter(({ event }) => event === 'access').map(({ data = '' }) => JSON.parse(data) as Record<string, string>);
  return {
    status: reply.statusCode ?? 0,
    headers: reply.headers,
    events,
    text: () => text,
    accessEvents,
    wait: (count) =>
      until(`${count} events of access came`, () => accessEvents().length >= count, { everyMs: 5, seen: () => text }),
    ended,
    close: () => reply.destroy(),
  };
}
