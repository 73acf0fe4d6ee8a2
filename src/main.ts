// The service process: configuration, vault, HTTP, background work, graceful shutdown.
import type { Server } from 'node:http';
import type { Registry } from 'prom-client';
import { type Composed, compose, DATABASE_DAMAGED, servesAlone } from './compose.ts';
import { unknownVariableText } from './config/unknown-variables.ts';
import { type Config, readConfig, unknownInEnvironment } from './config.ts';
import { hasCode } from './errors.ts';
import { type AnsweredRequest, createApp } from './http/app.ts';
import { createMetricsApp } from './http/metrics-app.ts';
import { requireDatabaseRights } from './main/database-user.ts';
import { drain, shutdownSignal, trackRequests } from './main/drain.ts';
import { letHeapGrow } from './main/heap.ts';
import { codeOf, createLog, errorOrigin, logRequest, type ProcessLog } from './main/log.ts';
import { measureProcess } from './main/process-metrics.ts';
import { httpServer, listenOn } from './main/server.ts';
import { consoleFiles, docsFile } from './main/static-files.ts';
import { COUNT_UNSEALED, requireClock, runStartupTasks, startBackgroundWork } from './work.ts';

const DRAIN_MS = 25_000;
/** How long requests are still answered, by an error, once the process must end. */
const ANSWER_MS = 1_000;
/** How often the process reads its own clock, also where nothing else does. */
const CLOCK_MS = 1_000;

const NOT_ADOPTED =
  'rows that give access have no MAC, so sign-ins and API keys are denied: callvault doctor names the tenants for callvault authority adopt';

const SERVED_TWICE =
  'another process serves this SQLite file: limits and budgets count for each alone. Stop one of them, or use PostgreSQL';

/** The package: its folder, which contains the built console, and its version. */
type ServedPackage = { readonly folder: string; readonly version: string };

/**
 * Runs the service of the package until SIGTERM or SIGINT, in the given role or that of the environment. Resolves after
 * the shutdown.
 */
export async function serve({ folder, version }: ServedPackage, role?: string): Promise<void> {
  // Node opens its inspector on SIGUSR1 unless there is a listener: every key in memory would be readable.
  process.on('SIGUSR1', () => undefined);
  letHeapGrow();
  const config = readConfig(undefined, role);
  const log = createLog(config.node);
  for (const unknown of unknownInEnvironment()) log.warn(unknownVariableText(unknown));
  for (const warning of sealingWarnings(config)) log.warn(warning);
  // Node would print the error's message, whatever it contains.
  process.on('uncaughtException', (error) => {
    log.fatal({ cause: errorOrigin(error) }, 'unexpected');
    process.exit(70);
  });
  const clockListeners = {
    // Requests meanwhile are answered with 503. The supervisor starts the process again, which then judges the clock.
    fell: (fellMs: number) => {
      log.fatal({ code: 'clock_differs', fell_ms: Math.round(fellMs) }, 'the clock was set back: the process exits');
      setTimeout(() => process.exit(1), ANSWER_MS);
    },
    markSet: (of: string) =>
      log.warn({ log: of }, 'the time in the head of a log differed from its newest event: set right'),
  };
  const { vault, readiness, registry, measures, close } = await compose(
    config,
    (error) => {
      log.fatal({ code: codeOf(error) }, 'the database file cannot be trusted');
      process.exit(DATABASE_DAMAGED);
    },
    clockListeners,
  );
  try {
    await requireDatabaseRights({ vault });
    await requireClock(vault);
  } catch (error) {
    await close();
    throw error;
  }
  const failed = (work: string, error: unknown): void => {
    measures.failed(work, error);
    // An operator who is paged for tampering would look in the wrong place.
    const text = hasCode(error, 'signer_differs') ? error.message : 'background work failed';
    log.error({ work, code: codeOf(error) }, text);
  };
  if (!servesAlone(config)) log.warn(SERVED_TWICE);
  await runStartupTasks(vault, failed, (work, count) =>
    work === COUNT_UNSEALED ? log.warn({ count }, NOT_ADOPTED) : log.info({ work, count }, 'done at start'),
  );
  const reportIndexing = reportBacklog(log, 'older recordings get their indexes', 'every recording has its indexes');
  vault.clock.every(CLOCK_MS, async () => vault.processClock.require());
  const stopWork = startBackgroundWork(vault, failed, {
    backlog: measures.backlog,
    unfiled: reportBacklog(log, 'comments of an earlier version get their entries', 'every comment has its entry'),
    logs: measures.logs,
    reread: measures.reread,
    due: measures.due,
    unsealed: measures.unsealed,
    trust: measures.trust,
    unindexed: (recordings) => {
      measures.unindexed(recordings);
      reportIndexing(recordings);
    },
  });
  if (config.metricsListen !== null) measureProcess(registry, version);
  const ops = await listenForOps(config.metricsListen, log, registry, readiness);
  const answered = (request: AnsweredRequest): void => {
    measures.answered(request);
    logRequest(log, request);
  };
  if (config.url?.startsWith('https:') === true && config.trustedProxies.length === 0)
    log.warn('CALLVAULT_TRUSTED_PROXIES is not set: clients behind a proxy share one address and its limits');
  const files = await consoleFiles(folder);
  if (files === null) log.warn('the console is not built: npm run build');
  const app = createApp(vault, answered, {
    https: config.url?.startsWith('https:') === true,
    readiness,
    version,
    trustedProxies: config.trustedProxies,
    limited: measures.limited,
    docs: docsFile,
    ...(files === null ? {} : { console: files }),
  });
  const requests = trackRequests(app.fetch);
  const server = httpServer(requests.fetch, config.listen.host);
  const port = await listenOn(server, config.listen);
  // Not earlier: the operators' port already answers, and a load balancer would send requests to a closed port.
  readiness.begin();
  log.info({ address: config.listen.host, port, version }, 'listening');
  const signal = await shutdownSignal();
  // Readiness fails first, so that load balancers stop sending requests.
  readiness.drain();
  vault.mediaBudgets.end();
  log.info({ signal }, 'draining');
  const [whole] = await Promise.all([drain(server, requests, DRAIN_MS), stopWork()]);
  if (!whole) log.warn('requests were cut after 25 seconds');
  ops?.close();
  ops?.closeAllConnections();
  await close();
  log.info('ended');
}

/** What an operator must know before the first call: logs that are not sealed, or sealed in one place only. */
function sealingWarnings({ role, signer, anchor }: Config): string[] {
  const seals = role === 'all' || role === 'work';
  if (signer.length === 0) {
    return seals
      ? [
          'CALLVAULT_SIGNER is not set: logs are not sealed, and anyone who can write the database can forge one that passes',
        ]
      : ['CALLVAULT_SIGNER is not set: this process does not compare the logs with what was published'];
  }
  return seals && anchor === null
    ? ['CALLVAULT_ANCHOR is not set: logs are not anchored, and their checkpoints are in the store alone']
    : [];
}

/** Logs that a backlog of an earlier version is worked off, with its size, and that it is empty. */
function reportBacklog(log: ProcessLog, begins: string, ends: string): (count: number) => void {
  let before = 0;
  return (count) => {
    if (count > 0 && before === 0) log.info({ count }, begins);
    if (count === 0 && before > 0) log.info(ends);
    before = count;
  };
}

/** Serves metrics and health on a separate port until the process exits, without keeping it alive. */
async function listenForOps(
  at: Config['metricsListen'],
  log: ProcessLog,
  registry: Registry,
  readiness: Composed['readiness'],
): Promise<Server | null> {
  if (at === null) return null;
  const metrics = { type: registry.contentType, text: () => registry.metrics() };
  const server = httpServer(createMetricsApp(metrics, readiness).fetch, at.host);
  log.info({ address: at.host, port: await listenOn(server, at, 'CALLVAULT_METRICS_LISTEN') }, 'metrics listening');
  return server.unref();
}
