// The running relay: its parts over a real disk and a real vault.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type VaultClient, vaultClient } from '../client/client.ts';
import { readCredential } from '../client/credential.ts';
import { sealFile } from '../envelope/sealed-file.ts';
import { hasCode, VaultError } from '../errors.ts';
import type { RelayConfig } from './config.ts';
import { codeOf } from './error-code.ts';
import { rulesOf } from './find-calls.ts';
import { foldersOf, keyFileOf, makeFolders } from './folders.ts';
import { takeLock } from './lock.ts';
import { nodeFiles } from './node-files.ts';
import type { Log, RelayClock, Upload } from './ports.ts';
import { factsBy } from './read-facts.ts';
import { openRelay } from './relay.ts';
import { newState } from './state.ts';
import { metricsOf, statusOf } from './status.ts';
import { watchKey } from './watch-key.ts';

const LOCK_MS = 10_000;

const CLOCK: RelayClock = {
  monotonic: () => performance.now(),
  now: () => Date.now(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, { signal }).catch(() => undefined),
};

/**
 * The client of the configured vault. `log`: for a changed credential that cannot be used. Throws `config_invalid` for a credential or certificate that cannot be used.
 */
export async function clientOf(config: RelayConfig, log: Log = () => undefined): Promise<VaultClient> {
  let credential = await readCredential(config.credential);
  const ca = config.ca === null ? undefined : certificatesIn(config.ca);
  const client = vaultClient({ url: config.url, credential: () => credential, ca });
  return {
    ...client,
    send: async (request, options) => {
      const answer = await client.send(request, options);
      // Where a person has replaced the API key meanwhile, the next attempt uses the new one.
      if (answer.status === 401 || answer.status === 403)
        credential = await readCredential(config.credential).catch((error: unknown) => {
          log('credential not read', { code: codeOf(error) });
          return credential;
        });
      return answer;
    },
  };
}

function certificatesIn(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new VaultError('config_invalid', `cannot read the certificates in ${path}`, { cause });
  }
}

/**
 * Runs until the signal fires. Throws `conflict` where another relay runs on the spool, or has taken it over. `log`
 * receives nothing that names a call, a number or a file.
 */
export async function runRelay(config: RelayConfig, log: Log, signal: AbortSignal): Promise<void> {
  const folders = foldersOf(config.spool);
  await makeFolders(folders);
  const client = await clientOf(config, log);
  const state = newState(log);
  const { tenant, verifierKey, publicKey } = config;
  const pinned = { tenant, verifierKey, publicKey };
  const key = await watchKey({ client, file: keyFileOf(config.spool), pinned, clock: CLOCK, state, log });
  const relay = openRelay({
    ...{ files: nodeFiles, folders, clock: CLOCK, state, log, newId: randomUUID, random: Math.random },
    rules: rulesOf(config),
    passMs: 1_000,
    limits: { spoolBytes: config.spoolBytes, freeBytes: config.freeBytes },
    alarmAfterMs: config.alarmAfterMs,
    facts: factsBy(config, Date.now),
    seal: (id, meta, source) => {
      const { id: ingestKey, publicKey: base64 } = key.current();
      const to = { tenant, key: ingestKey, id, publicKey: Buffer.from(base64, 'base64') };
      return sealFile(to, meta, source);
    },
    upload: uploadTo(client),
  });
  const status = (): string =>
    `${JSON.stringify(statusOf(state, relay.spool.counts(), key.kept().current?.id ?? null))}\n`;
  const lock = await takeLock(config.spool, status);
  const ended = new AbortController();
  const all = AbortSignal.any([signal, ended.signal]);
  let metrics = (): void => undefined;
  try {
    metrics = await serveMetrics(config.metrics, () => metricsOf(state, relay.spool.counts(), Date.now()));
    log('started', { folders: config.folders.length });
    await Promise.all([
      relay.run(all),
      key.run(all),
      holdLock(lock.isHeld, all).catch((error: unknown) => {
        ended.abort();
        throw error;
      }),
    ]);
  } finally {
    ended.abort();
    client.close();
    metrics();
    await lock.release();
  }
}

/** Throws `conflict` once another relay has taken the lock. */
async function holdLock(isHeld: () => Promise<boolean>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    if (!(await isHeld())) throw new VaultError('conflict', 'another relay has taken over this spool');
    await CLOCK.sleep(LOCK_MS, signal);
  }
}

function uploadTo(client: VaultClient): Upload {
  return async (id, file, signal) => {
    try {
      const body = { bytes: file.bytes(), length: file.version.size };
      const headers = { 'content-type': 'application/octet-stream' };
      return await client.send({ method: 'PUT', path: `/v1/sealed-files/${id}`, headers, body }, { signal });
    } catch (error) {
      if (signal.aborted || hasCode(error, 'not_available')) return null;
      throw error;
    }
  };
}

async function serveMetrics(address: RelayConfig['metrics'], text: () => string): Promise<() => void> {
  if (address === null) return () => undefined;
  const server = createServer((_request, response) => {
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(text());
  });
  server.listen(address.port, address.host);
  await once(server, 'listening').catch((cause: unknown) => {
    throw new VaultError('config_invalid', `the metrics cannot listen (${codeOf(cause)})`, { cause });
  });
  return () => {
    server.closeAllConnections();
    server.close();
  };
}
