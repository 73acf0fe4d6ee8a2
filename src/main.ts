// The service: configuration, vault, HTTP, background work, and an orderly end.
import type { Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { collectDefaultMetrics, type Registry } from 'prom-client';
import { type Composed, compose } from './compose.ts';
import { type Config, readConfig } from './config.ts';
import { type Answered, createApp } from './http/app.ts';
import { createOps } from './http/ops.ts';
import { codeOf, createLog, logRequest, placeOf } from './main/log.ts';
import { httpServer, listening } from './main/server.ts';
import { beforeReady, startWork } from './work.ts';

const DRAIN_MS = 25_000;

/** Runs the service until SIGTERM or SIGINT. Resolves once it has ended. */
export async function serve(): Promise<void> {
  // Node opens its inspector on SIGUSR1 unless somebody listens: every key in memory would be readable.
  process.on('SIGUSR1', () => undefined);
  const config = readConfig();
  const log = createLog(config.node);
  // Node would write the error's message, whatever it holds.
  process.on('uncaughtException', (error) => {
    log.fatal({ cause: placeOf(error) }, 'unexpected');
    process.exit(70);
  });
  const { vault, readiness, registry, measures, close } = await compose(config, (error) => {
    log.fatal({ code: codeOf(error) }, 'the database file cannot be trusted');
    process.exit(70);
  });
  await beforeReady(vault);
  const stopWork = startWork(vault, (work, error) => {
    measures.failed(work, error);
    log.error({ work, code: codeOf(error) }, 'background work failed');
  });
  const ops = await listenForOps(config.metricsListen, registry, readiness);
  const answered = (request: Answered): void => {
    measures.answered(request);
    logRequest(log, request);
  };
  const app = createApp(vault, answered, {
    https: config.url?.startsWith('https:') === true,
    readiness,
  });
  const server = httpServer(app.fetch, config.listen.host);
  const port = await listening(server, config.listen);
  log.info({ address: config.listen.host, port }, 'listening');
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  log.info('draining');
  stopWork();
  const closed = new Promise<void>((resolve) => {
    server.close(() => resolve());
  });
  server.closeIdleConnections();
  await Promise.race([closed, sleep(DRAIN_MS, undefined, { ref: false })]);
  ops?.close();
  ops?.closeAllConnections();
  await close();
  log.info('ended');
}

/** Serves metrics on their own port, until the very end of the process. */
async function listenForOps(
  at: Config['metricsListen'],
  registry: Registry,
  readiness: Composed['readiness'],
): Promise<Server | null> {
  if (at === null) return null;
  collectDefaultMetrics({ register: registry });
  const metrics = { type: registry.contentType, text: () => registry.metrics() };
  const server = httpServer(createOps(metrics, readiness).fetch, at.host);
  await listening(server, at);
  return server;
}
