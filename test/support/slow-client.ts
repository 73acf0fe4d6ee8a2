// An HTTP/1.0 client that reads a reply at a chosen rate, and counts the bytes after a moment that the test chooses.
import { connect } from 'node:net';

export type SlowClient = {
  /** Bytes of the reply, with its head, that it has read so far. */
  readonly taken: () => number;
  /** Reads at full speed until the connection ends; returns the number of bytes and how it ended. */
  readonly rest: () => Promise<{ readonly bytes: number; readonly reset: boolean }>;
  readonly close: () => void;
};

const STEP_MS = 50;

/** Requests a URL and reads so many bytes of the reply each second; Infinity reads at full speed. */
export function slowClient(url: string, headers: Readonly<Record<string, string>>, perSecond: number): SlowClient {
  const { hostname, port, pathname } = new URL(url);
  let [bytes, fast, reset] = [0, perSecond === Number.POSITIVE_INFINITY, false];
  const size = fast ? 65_536 : Math.ceil((perSecond * STEP_MS) / 1000);
  const socket = connect({
    ...{ host: hostname, port: Number(port) },
    onread: {
      // Bytes that are not read here stay in the kernel.
      buffer: Buffer.alloc(size),
      callback: (count) => {
        bytes += count;
        if (fast) return true;
        setTimeout(() => socket.resume(), STEP_MS).unref();
        socket.pause();
        return false;
      },
    },
  });
  socket.on('error', () => {
    reset = true;
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const lines = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`);
  socket.write(`GET ${pathname} HTTP/1.0\r\n${lines.join('\r\n')}\r\n\r\n`);
  return {
    taken: () => bytes,
    rest: async () => {
      const before = bytes;
      fast = true;
      socket.resume();
      await closed;
      return { bytes: bytes - before, reset };
    },
    close: () => socket.destroy(),
  };
}
