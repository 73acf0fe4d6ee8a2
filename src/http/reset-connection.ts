// Resetting the connection of a reply that must not arrive whole.
import type { HttpBindings } from '@hono/node-server';

/**
 * Resets the connection of a reply (RST), so that the kernel discards undelivered bytes. While the connection is being
 * shut down, because its client has ended it, it does so once that is done: in the next turn of the event loop.
 */
export function resetConnection(outgoing: HttpBindings['outgoing']): void {
  const { socket } = outgoing;
  const reset = (): void => {
    if (socket !== null && 'resetAndDestroy' in socket) socket.resetAndDestroy();
    outgoing.destroy();
  };
  // libuv rejects a reset during a shutdown (uv_tcp_close_reset: EINVAL). Node 20 and 24 then count the connection as
  // closing and never close it: its descriptor stays open, and the process waits for it in a busy loop when it exits.
  const isShuttingDown =
    socket !== null &&
    !socket.destroyed &&
    socket.writableEnded &&
    !socket.writableFinished &&
    socket.writableLength === 0;
  if (isShuttingDown) socket.once('finish', reset);
  else reset();
}
