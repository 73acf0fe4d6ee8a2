// A TCP proxy before a real server (S3, KMS, PostgreSQL) that can be told, while it runs, to break what goes through it.
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Mode } from './connection.ts';
import { type Connection, through } from './connection.ts';

export type FaultProxy = {
  /** The server's URL with the proxy in its place. */
  readonly url: string;
  /** From now on, until it is told otherwise or has happened as often as was said. */
  readonly set: (mode: Mode) => Promise<void>;
  /** How often the mode that was set last has happened: connections cut, replies lost. */
  readonly happened: () => number;
  /** Connections that stand. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

const PASS: Mode = { kind: 'pass' };

/**
 * Starts one before the server at `url`. Clients are pointed at the proxy's URL: the Host header that they sign reaches
 * the server as it was signed, which servers accept that do not look for their own name in it.
 */
export async function startProxy(url: string): Promise<FaultProxy> {
  const target = { host: new URL(url).hostname, port: Number(new URL(url).port) };
  const standing = new Set<Connection>();
  let mode = PASS;
  let happened = 0;
  let port = 0;
  let server: Server | null = null;

  const take = (asked: Mode): boolean => {
    if (asked !== mode || !('times' in mode)) return false;
    happened += 1;
    if (mode.times === happened) mode = PASS;
    return true;
  };
  const open = async (): Promise<void> => {
    const opened = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const connection: Connection = through(
        client,
        target,
        () => mode,
        take,
        () => standing.delete(connection),
      );
      standing.add(connection);
    });
    await new Promise<void>((resolve, reject) => {
      opened.once('error', reject);
      opened.listen(port, '127.0.0.1', resolve);
    });
    port = (opened.address() as AddressInfo).port;
    server = opened;
  };
  const shut = async (): Promise<void> => {
    const closed = server && new Promise((resolve) => server?.close(resolve));
    server = null;
    for (const connection of standing) connection.end();
    await closed;
  };

  await open();
  const address = new URL(url);
  address.host = `127.0.0.1:${port}`;
  return {
    url: address.href.replace(/\/$/, ''),
    set: async (next) => {
      [mode, happened] = [next, 0];
      for (const connection of standing) connection.turn();
      if (next.kind === 'refuse') await shut();
      else if (server === null) await open();
    },
    happened: () => happened,
    connections: () => standing.size,
    close: shut,
  };
}
