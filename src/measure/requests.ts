// Requests and background work, measured: by route pattern, method and status class, never by path or tenant.
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { CodeOf } from './calls.ts';

/** A request that was answered: `method` one of few, `status` 0 where its body was cut, `bytes` of an acknowledged object. */
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
  /** A request that a limit refused. */
  readonly limited: (limit: string) => void;
  /** A round of background work that failed. */
  readonly failed: (work: string, error: unknown) => void;
};

const SECONDS = [0.005, 0.025, 0.1, 0.25, 0.8, 2.5, 10, 60, 600];

/** What is told of requests. `sessions` counts the listening sessions that hold keys in this process. */
export function requestMeasures(registry: Registry, codeOf: CodeOf, sessions: () => number): RequestMeasures {
  const registers = [registry];
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[] = []): Counter<Label> =>
    new Counter({ name: `callvault_${name}`, help, labelNames, registers });
  const requests = counter('http_requests_total', 'Requests answered', ['route', 'method', 'status']);
  const seconds = new Histogram({
    name: 'callvault_http_request_duration_seconds',
    help: 'Time to the end of a handler; bodies may still be on their way',
    labelNames: ['route', 'method'],
    buckets: SECONDS,
    registers,
  });
  const ingested = counter('ingest_bytes_total', 'Plaintext bytes of objects that were acknowledged');
  const refused = counter('ingest_failures_total', 'Deposits that were not acknowledged', ['code']);
  const searches = counter(
    'searches_refused_total',
    'Searches by number refused: too many of the caller found nothing',
  );
  const integrity = counter('integrity_failures_total', 'Stored bytes that were not authentic', ['where']);
  const limited = counter('http_limited_total', 'Requests that a limit refused', ['limit']);
  const work = counter('work_failures_total', 'Rounds of background work that failed', ['work', 'code']);
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

/** Whether an error, or what caused it, is that stored bytes were not authentic. */
function isIntegrity(error: unknown, codeOf: CodeOf): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++) {
    if (codeOf(at) === 'integrity') return true;
  }
  return false;
}
