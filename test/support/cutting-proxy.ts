// A proxy in front of a real store that truncates the bodies of ranged reads and records the requests.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** How many bytes of the body of the `n`-th ranged read, from 0, the proxy passes on; null for all. */
export type Cut = (n: number) => number | null | Promise<number | null>;

export type CuttingProxy = {
  readonly url: string;
  /** The heads of the ranged reads, as they were sent. */
  readonly reads: readonly string[];
  readonly close: () => Promise<void>;
};

/** A proxy between a client and the store at `target`. It awaits `cut` before it forwards a read. */
export async function cuttingProxy(target: string, cut: Cut): Promise<CuttingProxy> {
  const { hostname, port } = new URL(target);
  const reads: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const store = connect(Number(port), hostname);
    // Bytes of the answer still to pass on, without its head; null while nothing is cut.
    let budget: number | null = null;
    let head = '';
    for (const [one, other] of [
      [client, store],
      [store, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
    }
    client.on('data', (sent: Buffer): void => {
      const requestHead = sent.toString('latin1');
      if (!/^GET .*\r\nrange: /is.test(requestHead)) {
        store.write(sent);
        return;
      }
      reads.push(requestHead);
      head = '';
      void Promise.resolve(cut(reads.length - 1)).then((bytes) => {
        budget = bytes;
        store.write(sent);
      });
    });
    store.on('data', (answer: Buffer): void => {
      if (budget === null) {
        client.write(answer);
        return;
      }
      const before = head.length;
      head += answer.toString('latin1');
      const end = head.indexOf('\r\n\r\n');
      const left = end < 0 ? answer.length : end + 4 + budget - before;
      client.write(answer.subarray(0, left), () => {
        if (left <= answer.length && end >= 0) client.destroy();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    reads,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
