// The process's log: JSON lines of ids, codes, patterns and times. What could name a person is taken out a second time.
import { type DestinationStream, type Logger, pino } from 'pino';
import type { AnsweredRequest } from '../http/app.ts';

/** Members that no line of ours has; should one ever, its value is not written. */
const NEVER = [
  ...[
    'authorization',
    'cookie',
    'secret',
    'token',
    'password',
    'key',
    'dataKey',
    'wrapped',
    'headers',
    'body',
    'query',
  ],
  ...['path', 'url', 'originalUrl', 'params', 'from', 'to', 'number', 'phone', 'agent', 'queue', 'ticket', 'reason'],
  ...['callId', 'call_id', 'fileName', 'file_name', 'name', 'notes', 'email', 'message', 'stack', 'detail', 'facts'],
];

/** A logger of this node, to standard output or to `to`. */
export function createLog(node: string, to?: DestinationStream): Logger {
  const options = {
    base: { node },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: ['', '*.', '*.*.'].flatMap((at) => NEVER.map((name) => `${at}${name}`)), censor: '[redacted]' },
    serializers: { err: (error: unknown) => ({ cause: errorOrigin(error) }) },
    hooks: {
      // pino would make an error's message the line's own.
      logMethod(this: Logger, given: Parameters<pino.LogFn>, method: pino.LogFn): void {
        const [first, ...rest] = given as [unknown, ...unknown[]];
        if (first instanceof Error) method.call(this, { cause: errorOrigin(first) }, 'error');
        else method.apply(this, [first, ...rest] as Parameters<pino.LogFn>);
      },
    },
  };
  return to === undefined ? pino(options) : pino(options, to);
}

/** One line for a request. Probes that are content are told at level debug: they come every few seconds. */
export function logRequest(log: Logger, { error, ...request }: AnsweredRequest): void {
  const content = PROBES.includes(request.route) && request.status < 400;
  if (error === undefined) log[content ? 'debug' : 'info'](request, 'request');
  else if (request.status >= 500 || request.status === 0)
    log.error({ ...request, code: error.code, cause: errorOrigin(error.cause) }, 'request failed');
  else log.info({ ...request, code: error.code }, 'request refused');
}

const PROBES = ['/healthz', '/readyz'];

/** Where an unexpected error came from: its class and place, never its message, which may hold what a caller sent. */
export function errorOrigin(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  // A message of several lines could look like a place.
  const place = error.stack
    ?.replace(error.message, () => '')
    .split('\n')
    .find((line) => /^\s+at /.test(line));
  return `${error.name}${code === undefined ? '' : ` ${code}`}${place === undefined ? '' : ` ${place.trim()}`}`;
}

/** The code of an error, where it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
