// The event stream: Server-Sent Events about the caller's access, and about requests the caller may decide on.
import { z } from '@hono/zod-openapi';
import type { Vault } from '../../vault/core/vault.ts';
import { eventFeed } from '../../vault/event-feed/event-feed.ts';
import type { FeedItem, Subscription } from '../../vault/event-feed/subscriber.ts';
import { requestOf } from '../context.ts';
import { createRouter, serve } from '../endpoint.ts';

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // nginx would otherwise buffer the events.
  'x-accel-buffering': 'no',
};
const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'resumes after this event; browsers send it themselves',
  schema: { type: 'string' },
} as const;
const RETRY_MS = 1_000;

/** `ending`: fires when the server shuts down, and ends every stream. */
export function eventRoutes(vault: Vault, ending: () => boolean) {
  const app = createRouter('events');
  const tails = eventFeed(vault, ending);
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/events',
      operationId: 'streamEvents',
      summary:
        'Stream Server-Sent Events: the caller’s requests, grants and sessions; for people who decide, all requests and grants',
      action: 'access.read',
      audit: ['access.read'],
      refuses: ['too_many_streams'],
      parameters: [LAST_EVENT_ID],
      responses: {
        200: {
          description:
            '`event: access` with `{type, request?, grant?, session?, batch?, recording?, reason?}`; `event: missed` when too many events passed since Last-Event-ID: reload. A comment every 15 seconds.',
          content: { 'text/event-stream': { schema: z.string() } },
        },
      },
    },
    async (c) => {
      // Hono answers HEAD by the GET route: that must not open a subscription.
      if (c.req.method === 'HEAD') return new Response(null, { headers: STREAM_HEADERS });
      const last = /^\d{1,15}$/.exec(c.req.header('last-event-id') ?? '')?.[0];
      const after = last === undefined ? null : Number(last);
      const request = requestOf(c);
      const follower = await tails.subscribe(c.get('caller'), after, request);
      request.signal.addEventListener('abort', follower.stop, { once: true });
      if (request.signal.aborted) follower.stop();
      return new Response(eventStreamOf(follower), { headers: STREAM_HEADERS });
    },
  );
  return app;
}

/** Events are formatted only when the client reads; the subscription holds the queue and ends when that is full. */
function eventStreamOf(follower: Subscription): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let first = `retry: ${RETRY_MS}\n`;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const item = await follower.next();
        if (item === null) {
          controller.close();
          return;
        }
        controller.enqueue(encoder.encode(`${first}${formatEvent(item)}\n`));
        first = '';
      },
      cancel: () => follower.stop(),
    },
    { highWaterMark: 0 },
  );
}

/** An id alone is not an event; it advances Last-Event-ID. */
function formatEvent({ index, update: signal }: FeedItem): string {
  const id = index < 0 ? '' : `id: ${index}\n`;
  if (signal === null) return `: keep-alive\n${id}`;
  if (signal === 'missed') return `${id}event: missed\ndata: {}\n`;
  return `${id}event: access\ndata: ${JSON.stringify(signal)}\n`;
}
