// A Ceph RADOS Gateway over a one-node cluster in memory: a real S3 server.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Server } from './process.ts';
import { freePair, freePort, startProcess, untilAnswers } from './process.ts';

const UP = fileURLToPath(new URL('./ceph-rgw-up.sh', import.meta.url));
const DOWN = fileURLToPath(new URL('./ceph-rgw-down.sh', import.meta.url));

/** The credentials of its only user. */
export const CEPH_CREDENTIALS = { accessKeyId: 'test', secretAccessKey: 'testsecret' } as const;

/** Starts it, in about twelve seconds. */
export async function startCeph(folder: string): Promise<Server> {
  const port = await freePort();
  // The monitor uses two consecutive ports.
  const monitor = await freePair();
  const child = startProcess('/bin/bash', [UP, folder, String(port), String(monitor)], `${folder}-start`);
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`ceph-rgw-up.sh ended with ${code}`))));
  });
  const url = `http://127.0.0.1:${port}`;
  await untilAnswers(url, null);
  return { url, folder, pid: null };
}

/** Ends gateway, storage and monitor. */
export async function endCeph({ folder }: Server): Promise<void> {
  execFileSync('/bin/bash', [DOWN, folder]);
}
