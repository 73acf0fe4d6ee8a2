// Events as they happen, for who looks: Server-Sent Events about the caller's own access, and about what they may decide.
import { z } from '@hono/zod-openapi';
import type { Vault } from '../../vault/core/vault.ts';
import { eventFeed } from '../../vault/event-feed/event-feed.ts';
import type { FeedItem, Subscription } from '../../vault/event-feed/subscriber.ts';
import { requestOf } from '../context.ts';
import { createRouter, serve } from '../endpoint.ts';

const STREAM_HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  // nginx would keep it back until a buffer is full.
  'x-accel-buffering': 'no',
};
const LAST_EVENT_ID = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'goes on after this event; a browser sends it by itself',
  schema: { type: 'string' },
} as const;
const RETRY_MS = 1_000;

/** `ending`: whether the process ends, and with it every stream. */
export function eventRoutes(vault: Vault, ending: () => boolean) {
  const app = createRouter();
  const tails = eventFeed(vault, ending);
  serve(
    app,
    vault,
    {
      method: 'get',
      path: '/v1/events',
      operationId: 'streamEvents',
      summary:
        'Server-Sent Events: requests, grants and sessions of one’s own; for who decides, all requests and grants',
      action: 'access.read',
      audit: ['access.read'],
      refuses: ['too_many_streams'],
      parameters: [LAST_EVENT_ID],
      responses: {
        200: {
          description:
            '`event: access` with `{type, request?, grant?, session?, recording?, reason?}`; `event: missed` where too much happened since Last-Event-ID: read again. Every 15 seconds a comment.',
          content: { 'text/event-stream': { schema: z.string() } },
        },
      },
    },
    async (c) => {
      // Hono answers HEAD by the GET route: nothing may be followed for it.
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

/** Nothing is made before it is taken: what waits is the follower's, which ends where that is too much. */
function eventStreamOf(follower: Subscription): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let first = `retry: ${RETRY_MS}\n`;
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const told = await follower.next();
        if (told === null) {
          controller.close();
          return;
        }
        controller.enqueue(encoder.encode(`${first}${formatEvent(told)}\n`));
        first = '';
      },
      cancel: () => follower.stop(),
    },
    { highWaterMark: 0 },
  );
}

/** An id by itself is no event, and moves Last-Event-ID on. */
function formatEvent({ index, update: signal }: FeedItem): string {
  const id = index < 0 ? '' : `id: ${index}\n`;
  if (signal === null) return `: keep-alive\n${id}`;
  if (signal === 'missed') return `${id}event: missed\ndata: {}\n`;
  return `${id}event: access\ndata: ${JSON.stringify(signal)}\n`;
}
