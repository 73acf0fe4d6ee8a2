// Bare Hono server that discards uploads and sends replies from memory: the cost of HTTP alone.
import { serve } from '@hono/node-server';
import { Hono } from 'hono';

const PIECE = Buffer.alloc(262_144, 0x2a);
const app = new Hono();

app.put('/take', async (c) => {
  let size = 0;
  for await (const piece of c.req.raw.body ?? []) size += piece.length;
  return c.json({ size }, 201);
});
app.get('/give/:size', (c) => {
  let left = Number(c.req.param('size'));
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        controller.enqueue(PIECE.subarray(0, left));
        left -= Math.min(left, PIECE.length);
        if (left === 0) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { 'content-length': c.req.param('size') } });
});

const server = serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.send?.(port));
process.once('disconnect', () => server.close());
