// Metrics of requests and background work: by route pattern, method and status class, never by path or tenant.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CodeOf } from './calls.ts';

/** An answered request: `method` from a short list, `status` 0 if its body was cut, `bytes` of an acknowledged object. */
export type AnsweredRequest = {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly bytes?: number;
  readonly error?: Error;
};

export type RequestMeasures = {
  readonly answered: (request: AnsweredRequest) => void;
  /** A request rejected by a limit. */
  readonly limited: (limit: string) => void;
  /** A failed round of background work. */
  readonly failed: (work: string, error: unknown) => void;
  /** The amendment entries without a blob, and the time of the oldest. */
  readonly backlog: (backlog: Backlog) => void;
  /** The recordings whose indexes may not be up to date. */
  readonly unindexed: (recordings: number) => void;
  /** Logs that are not sealed because they are not authentic, events not sealed yet, and blobs among the segments that are none. */
  readonly logs: (state: LogsState) => void;
  readonly reread: (state: { readonly faults: number }) => void;
  /** The recordings that are due to expire. */
  readonly due: (recordings: number) => void;
  /** The rows that give access and have no MAC. */
  readonly unsealed: (rows: number) => void;
  /** For how many seconds the clock is not trusted for age yet; null until people confirm. */
  readonly trust: (seconds: number | null) => void;
};

type LogsState = {
  readonly held: number;
  readonly stopped: number;
  readonly otherSigner: number;
  readonly unsealed: number;
  readonly foreign: number;
};

type Backlog = { readonly entries: number; readonly oldest: string | null };

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.8, 2.5, 10, 60, 600];

/** Request metrics. `sessions` counts the listening sessions that hold keys in this process. */
export function requestMeasures(registry: Registry, codeOf: CodeOf, sessions: () => number): RequestMeasures {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> =>
    new Counter({ name: `callvault_${name}`, help, labelNames, registers });
  const requests = counter('http_requests_total', 'Requests answered', ['route', 'method', 'status']);
  const seconds = new Histogram({
    name: 'callvault_http_request_duration_seconds',
    help: 'Duration of a handler; the body may still be streaming',
    labelNames: ['route', 'method'],
    buckets: SECONDS,
    registers,
  });
  const ingested = counter('ingest_bytes_total', 'Plaintext bytes of acknowledged objects');
  const refused = counter('ingest_failures_total', 'Deposits that failed', ['code']);
  const searches = counter('searches_refused_total', 'Number searches rejected: too many of the caller found nothing');
  const integrity = counter('integrity_failures_total', 'Stored bytes that were not authentic', ['where']);
  const limited = counter('http_limited_total', 'Requests rejected by a limit', ['limit']);
  const work = counter('work_failures_total', 'Failed rounds of background work', ['work', 'code']);
  // A process has these from its first round of that work on: others do not do it.
  const gauge = (name: string, help: string) => gaugeOfRounds(registry, `callvault_${name}`, help);
  const faults = gauge(
    'log_faults',
    'Faults of logs, and of rows that differ from them, as this process found them when it last read each',
  );
  const trusted = gauge(
    'clock_trusted_in_seconds',
    'How long expiry still waits until the clock of this process is trusted for age: 0 once it is, +Inf until two people confirm',
  );
  integrity.inc({ where: 'request' }, 0);
  integrity.inc({ where: 'work' }, 0);
  new Gauge({
    name: 'callvault_sessions_live',
    help: 'Listening sessions that hold keys in this process',
    registers,
    collect() {
      this.set(sessions());
    },
  });
  return {
    backlog: backlogGauges(registry),
    unindexed: gauge(
      'recordings_to_index',
      'Recordings that searches by call id or field may not find yet; at most 100,000 are counted',
    ),
    logs: logGauges(registry),
    reread: ({ faults: found }) => faults(found),
    due: gauge('recordings_due', 'Recordings whose time to be erased has come, of tenants whose expiry runs'),
    unsealed: gauge(
      'rows_unsealed',
      'Rows of people, credentials and policies without a MAC, which give no access: callvault authority adopt',
    ),
    trust: (seconds) => trusted(seconds ?? Number.POSITIVE_INFINITY),
    answered: ({ route, method, status, milliseconds, bytes, error }) => {
      requests.inc({ route, method, status: status === 0 ? 'cut' : `${Math.floor(status / 100)}xx` });
      seconds.observe({ route, method }, milliseconds / 1000);
      if (bytes !== undefined) ingested.inc(bytes);
      // Every PUT is a deposit.
      if (error !== undefined && method === 'PUT') refused.inc({ code: codeOf(error) });
      if (codeOf(error) === 'too_many_searches') searches.inc();
      if (isIntegrity(error, codeOf)) integrity.inc({ where: 'request' });
    },
    limited: (limit) => limited.inc({ limit }),
    failed: (name, error) => {
      work.inc({ work: name, code: codeOf(error) });
      if (isIntegrity(error, codeOf)) integrity.inc({ where: 'work' });
    },
  };
}

/** Gauges of the entries without a blob: only a process that stores them has them, from its first round on. */
function backlogGauges(registry: Registry): RequestMeasures['backlog'] {
  let latest: Backlog | null = null;
  const gauge = (name: string, help: string, numberOf: (backlog: Backlog) => number): void => {
    new Gauge({
      name: `callvault_${name}`,
      help,
      registers: [registry],
      collect() {
        if (latest !== null) this.set(numberOf(latest));
      },
    });
  };
  return (backlog) => {
    const first = latest === null;
    latest = backlog;
    if (!first) return;
    gauge('entries_without_blob', 'Changes whose entry is not in the store yet', ({ entries }) => entries);
    gauge('entries_without_blob_age_seconds', 'Age of the oldest of them', ({ oldest }) =>
      oldest === null ? 0 : Math.max(0, (Date.now() - Date.parse(oldest)) / 1000),
    );
  };
}

/** A gauge that a process has from its first round on: other processes do not do this work. */
function gaugeOfRounds(registry: Registry, name: string, help: string): (value: number) => void {
  let gauge: Gauge | null = null;
  return (value) => {
    gauge ??= new Gauge({ name, help, registers: [registry] });
    gauge.set(value);
  };
}

/** Gauges of the logs: only a process that seals them has them, from its first round on. */
function logGauges(registry: Registry): RequestMeasures['logs'] {
  let set: ((state: LogsState) => void) | null = null;
  return (state) => {
    set ??= makeLogGauges(registry);
    set(state);
  };
}

function makeLogGauges(registry: Registry): (state: LogsState) => void {
  const gauge = (name: string, help: string) => new Gauge({ name: `callvault_${name}`, help, registers: [registry] });
  const stopped = gauge('logs_stopped', 'Logs whose last sealing failed because of their content or their signer');
  const otherSigner = gauge('logs_other_signer', 'Those of them that another signer sealed: restore CALLVAULT_SIGNER');
  const held = gauge(
    'logs_held',
    'Logs that take no events: they differ from what was published, until callvault log restore',
  );
  const unsealed = gauge('log_events_unsealed', 'Events that no published checkpoint covers yet');
  const foreign = gauge(
    'log_foreign_blobs',
    'Blobs among the published checkpoints of a log that no trusted key signed',
  );
  return (state) => {
    held.set(state.held);
    stopped.set(state.stopped);
    otherSigner.set(state.otherSigner);
    unsealed.set(state.unsealed);
    foreign.set(state.foreign);
  };
}

/** Whether an error, or its cause, says that stored bytes are not authentic. */
function isIntegrity(error: unknown, codeOf: CodeOf): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (codeOf(at) === 'integrity') return true;
  }
  return false;
}
