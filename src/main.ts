// The service: configuration, vault, HTTP, background work, and an orderly end.
import { setTimeout as sleep } from 'node:timers/promises';
import { type Logger, pino } from 'pino';
import { compose } from './compose.ts';
import { readConfig } from './config.ts';
import { type Answered, createApp } from './http/app.ts';
import { httpServer, listening } from './main/server.ts';
import { beforeReady, startWork } from './work.ts';

const DRAIN_MS = 25_000;

/** Runs the service until SIGTERM or SIGINT. Resolves once it has ended. */
export async function serve(): Promise<void> {
  // Node opens its inspector on SIGUSR1 unless somebody listens: every key in memory would be readable.
  process.on('SIGUSR1', () => undefined);
  const config = readConfig();
  const log: Logger = pino({ base: { node: config.node }, timestamp: pino.stdTimeFunctions.isoTime });
  const { vault, readiness, close } = await compose(config, (error) => {
    log.fatal({ code: codeOf(error) }, 'the database file cannot be trusted');
    process.exit(70);
  });
  await beforeReady(vault);
  const stopWork = startWork(vault, (work, error) =>
    log.error({ work, code: codeOf(error) }, 'background work failed'),
  );
  const app = createApp(vault, (request) => logRequest(log, request), {
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
  await close();
  log.info('ended');
}

function logRequest(log: Logger, { error, ...request }: Answered): void {
  if (error === undefined) log.info(request, 'request');
  else if (request.status >= 500 || request.status === 0)
    log.error({ ...request, code: error.code, cause: causeOf(error) }, 'request failed');
  else log.info({ ...request, code: error.code }, 'request refused');
}

/** Where an unexpected error came from: its class and place, never its message, which may hold what a caller sent. */
function causeOf(error: Error): string | undefined {
  const { cause } = error;
  if (!(cause instanceof Error)) return undefined;
  const place = cause.stack?.split('\n').find((line) => line.trimStart().startsWith('at '));
  return `${cause.name}${codeOf(cause) === undefined ? '' : ` ${codeOf(cause)}`}${place === undefined ? '' : ` ${place.trim()}`}`;
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
