// The lowest rate of a body: the time that a reader works on a piece is not the sender's.
import type { Context } from 'hono';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Env } from '../../src/http/context.ts';
import { bodyOf } from '../../src/http/request-body.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
afterEach(() => void vi.useRealTimers());

/** A body of one short piece, after which nothing comes. */
function bodyOfOnePiece(): AsyncIterator<Uint8Array> {
  const body = new ReadableStream<Uint8Array>({ start: (stream) => stream.enqueue(new Uint8Array(10)) });
  const c = { req: { raw: { body }, header: () => undefined } } as unknown as Context<Env>;
  return bodyOf(c, 1_000).bytes[Symbol.asyncIterator]();
}

it('is too slow where a minute of waiting brings less than 60 KiB', async () => {
  const body = bodyOfOnePiece();
  await body.next();
  const next = expect(body.next()).rejects.toMatchObject({ code: 'body_too_slow' });
  vi.advanceTimersByTime(60_000);
  await next;
});

it('is not too slow while its reader works, nor for the rest of that minute', async () => {
  const body = bodyOfOnePiece();
  await body.next();
  vi.advanceTimersByTime(150_000);
  let failed = false;
  const next = body.next().catch((error: unknown) => {
    failed = true;
    throw error;
  });
  const rejected = expect(next).rejects.toMatchObject({ code: 'body_too_slow' });
  await Promise.resolve();
  vi.advanceTimersByTime(60_000);
  await Promise.resolve();
  expect(failed).toBe(false);
  vi.advanceTimersByTime(60_000);
  await rejected;
});
