// moto with the key-state checks of moto_strict.py: KMS and a fast S3, all in memory.
import { fileURLToPath } from 'node:url';
import type { Server } from './process.ts';
import { freePort, startProcess, untilAnswers } from './process.ts';

const PROGRAM = fileURLToPath(new URL('./moto_strict.py', import.meta.url));

/** Starts it on a free port. It accepts any credentials. */
export async function startMoto(folder: string): Promise<Server> {
  const port = await freePort();
  const child = startProcess('/usr/bin/python3', [PROGRAM, '-H', '127.0.0.1', '-p', String(port)], folder);
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(`${url}/moto-api/`, child);
  return { url, folder, pid: child.pid ?? null };
}
