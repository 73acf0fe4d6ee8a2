// Free TCP ports.
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below Linux's range for client ports, which the system may take before a service listens. */
const [LOWEST, HIGHEST] = [10_240, 32_768];
const TRIES = 100;

/** `first` if it is free, or else any other free port. */
export async function freePort(host: string, first: number): Promise<number> {
  if (first !== 0 && (await isFree(host, first))) return first;
  for (let tries = 0; tries < TRIES; tries++) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isFree(host, port)) return port;
  }
  throw new Error('there is no free port');
}

/** Whether the port is free now. */
export async function isFree(host: string, port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, host);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
