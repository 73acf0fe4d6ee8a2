// A TCP proxy in front of a real server (S3, KMS, PostgreSQL) that breaks traffic on command.
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Mode } from './connection.ts';
import { type Connection, through } from './connection.ts';

export type FaultProxy = {
  /** The server's URL with the proxy's address. */
  readonly url: string;
  /** Sets the mode, until the next call or until it has happened `times` times. */
  readonly set: (mode: Mode) => Promise<void>;
  /** How often the current mode has happened: connections cut, replies lost. */
  readonly happened: () => number;
  /** The number of open connections. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

const PASS: Mode = { kind: 'pass' };

/**
 * Starts one in front of the server at `url`. Clients use the proxy's URL. The Host header that they sign reaches the server
 * unchanged; servers that do not check their own name in it accept that.
 */
export async function startProxy(url: string): Promise<FaultProxy> {
  const target = { host: new URL(url).hostname, port: Number(new URL(url).port) };
  const standing = new Set<Connection>();
  let mode = PASS;
  let happened = 0;
  let port = 0;
  let server: Server | null = null;

  const take = (requested: Mode): boolean => {
    if (requested !== mode || !('times' in mode)) return false;
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
