// A streamed body: its first piece is produced before the headers, and a failure never looks like a clean end.

/**
 * The stream of a generator. It waits for the first piece, so that an early failure still becomes a problem document. A
 * later failure, or `over` when it fires, calls `cut`, which resets the connection so that undelivered bytes never
 * arrive; without a connection the stream errors.
 */
export async function streamReplyBody(
  pieces: AsyncGenerator<Uint8Array, void, undefined>,
  cut: (error: unknown) => boolean,
  over: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  let next = await pieces.next();
  let failed = false;
  let stop = (): void => undefined;
  const fail = (controller: ReadableStreamDefaultController, error: unknown): void => {
    over.removeEventListener('abort', stop);
    if (failed) return;
    failed = true;
    // On an error the adapter would append its text to the body: with the connection closed it cancels this stream.
    if (!cut(error)) controller.error(new Error('the body was cut'));
  };
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        // A client that reads nothing pauses the generator: nothing pulls from it.
        stop = () => {
          fail(controller, over.reason);
          pieces.return().catch(() => undefined);
        };
        over.addEventListener('abort', stop);
        if (over.aborted) stop();
      },
      pull: async (controller) => {
        if (failed) return;
        if (next.done === true) {
          over.removeEventListener('abort', stop);
          controller.close();
          return;
        }
        controller.enqueue(next.value);
        try {
          next = await pieces.next();
        } catch (error) {
          fail(controller, error);
          return;
        }
        if (next.done !== true || failed) return;
        over.removeEventListener('abort', stop);
        controller.close();
      },
      cancel: async () => {
        // The client disconnected: aborted work is not a failure.
        failed = true;
        over.removeEventListener('abort', stop);
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}
