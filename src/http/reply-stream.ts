// A body that is made while it is sent: its first piece before the headers, and never a clean end after a failure.

/**
 * The stream of a generator. Its first piece is waited for, so that what fails at once is still a problem document; a
 * later failure, and `over` when it fires, is told to `cut`, which resets the connection, so that what the client has not
 * taken is never delivered; where there is no connection it errors the stream.
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
    // The adapter fills a body up with the text of an error: with the connection gone it cancels this stream.
    if (!cut(error)) controller.error(new Error('the body was cut'));
  };
  return new ReadableStream<Uint8Array>(
    {
      start: (controller) => {
        // A client that takes nothing leaves the generator where it is: nobody asks it for more.
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
        // A client that has left: what its request's signal stopped is no failure.
        failed = true;
        over.removeEventListener('abort', stop);
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}
