// The lock of a spool: a Unix socket that its holder listens on. The kernel closes it with the process, so that neither a
// dead process nor another one with its number can hold it. The lock saves work; the spool is safe without it.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { link, rename, rm, stat } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { VaultError } from '../errors.ts';

/** Name of the socket in the spool. */
const SOCKET = 'relay.sock';
/** A path of a Unix socket has at most 107 bytes on Linux, 103 on macOS. */
const MAX_SOCKET_PATH = 103;
const ANSWER_MS = 5_000;
const MAX_ANSWER = 1_048_576;

export type Lock = {
  /** Whether the socket in the spool is still this one. */
  readonly isHeld: () => Promise<boolean>;
  readonly release: () => Promise<void>;
};

/**
 * Takes the lock; `describe` gives the text that each connection receives. Throws `conflict` where a relay that runs
 * holds it, `config_invalid` for a path that is too long.
 */
export async function takeLock(spool: string, describe: () => string): Promise<Lock> {
  const path = join(spool, SOCKET);
  const own = join(spool, `${randomUUID().slice(0, 8)}.sock`);
  if (Buffer.byteLength(own) > MAX_SOCKET_PATH)
    throw new VaultError('config_invalid', `the path of the spool has more than ${MAX_SOCKET_PATH - 14} bytes`);
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(describe());
  });
  server.listen(own);
  await once(server, 'listening');
  try {
    for (let tries = 0; tries < 10; tries++) {
      if (await linked(own, path)) {
        const { ino } = await stat(own);
        // One name is enough, and the only one that a killed process leaves.
        await rm(own, { force: true });
        return {
          isHeld: async () => (await stat(path).catch(() => null))?.ino === ino,
          release: async () => {
            if ((await stat(path).catch(() => null))?.ino === ino) await rm(path, { force: true });
            await close(server, own);
          },
        };
      }
      if ((await askRelay(spool)) !== null) break;
      // Only the socket that was found dead is moved, never one that another process has put there since.
      const moved = join(spool, `${randomUUID().slice(0, 8)}.sock`);
      await rename(path, moved).catch(() => undefined);
      if ((await ask(moved)) !== null) await linked(moved, path);
      await rm(moved, { force: true });
    }
  } catch (error) {
    await close(server, own);
    throw error;
  }
  await close(server, own);
  throw new VaultError('conflict', 'another relay runs on this spool');
}

/** What the relay of a spool says of itself; null where none runs. */
export function askRelay(spool: string): Promise<string | null> {
  return ask(join(spool, SOCKET));
}

function ask(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    let [text, connected] = ['', false];
    const timer = setTimeout(() => socket.destroy(), ANSWER_MS);
    socket.setEncoding('utf8');
    socket.on('connect', () => {
      connected = true;
    });
    socket.on('data', (piece: string) => {
      text += piece;
      if (text.length > MAX_ANSWER) socket.destroy();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      // A stopped process accepts and does not answer: it runs.
      resolve(connected ? text : null);
    });
  });
}

async function linked(from: string, to: string): Promise<boolean> {
  return link(from, to).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST' || error.code === 'ENOENT') return false;
      throw error;
    },
  );
}

async function close(server: Server, own: string): Promise<void> {
  server.close();
  await rm(own, { force: true });
}
