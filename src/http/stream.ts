// A body that is made while it is sent: its first piece before the headers, and never a clean end after a failure.

/**
 * The stream of a generator. Its first piece is waited for, so that what fails at once is still a problem document; a
 * later failure is told to `cut`, which destroys the connection; where there is none it errors the stream.
 */
export async function streamOf(
  pieces: AsyncGenerator<Uint8Array, void, undefined>,
  cut: (error: unknown) => boolean,
): Promise<ReadableStream<Uint8Array>> {
  let next = await pieces.next();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        if (next.done === true) {
          controller.close();
          return;
        }
        controller.enqueue(next.value);
        try {
          next = await pieces.next();
        } catch (error) {
          // The adapter fills a body up with the text of an error: with the connection gone it cancels this stream.
          if (!cut(error)) controller.error(new Error('the body was cut'));
          return;
        }
        if (next.done === true) controller.close();
      },
      cancel: async () => {
        await pieces.return();
      },
    },
    { highWaterMark: 0 },
  );
}
