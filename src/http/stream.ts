// A body that is made while it is sent: its first piece before the headers, and never a clean end after a failure.

/**
 * The stream of a generator. Its first piece is waited for, so that what fails at once is still a problem document; a
 * later failure is told to `cut` and errors the stream, which destroys the connection.
 */
export async function streamOf(
  pieces: AsyncGenerator<Uint8Array, void, undefined>,
  cut: (error: unknown) => void,
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
          cut(error);
          // The adapter prints what it is given: the reason goes to `cut` alone.
          controller.error(new Error('the body was cut'));
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
