// A client of HTTP/1.0 that takes a reply at its own rate, and counts what comes after a moment that the test names.
import { connect } from 'node:net';

export type SlowClient = {
  /** Bytes of the reply, with its head, that were taken so far. */
  readonly taken: () => number;
  /** Takes what comes as fast as it comes, until the connection is over; says how many bytes that were and how it ended. */
  readonly rest: () => Promise<{ readonly bytes: number; readonly reset: boolean }>;
  readonly close: () => void;
};

const STEP_MS = 50;

/** Asks for a URL and takes so many bytes a second of the reply; Infinity takes all there is. */
export function slowClient(url: string, headers: Readonly<Record<string, string>>, perSecond: number): SlowClient {
  const { hostname, port, pathname } = new URL(url);
  let [bytes, fast, reset] = [0, perSecond === Number.POSITIVE_INFINITY, false];
  const size = fast ? 65_536 : Math.ceil((perSecond * STEP_MS) / 1000);
  const socket = connect({
    ...{ host: hostname, port: Number(port) },
    onread: {
      // What is not read here stays in the kernel.
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
