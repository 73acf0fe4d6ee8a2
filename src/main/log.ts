// The process log: JSON lines of ids, codes, patterns and times. A redaction list removes personal data a second time.
import { type DestinationStream, type Logger, pino } from 'pino';
import type { AnsweredRequest } from '../http/app.ts';
import { sourcePlace } from './source-place.ts';

/** Members that no log line should have; the logger redacts them all the same. */
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
      // pino would use an error's message as the line's message.
      logMethod(this: Logger, given: Parameters<pino.LogFn>, method: pino.LogFn): void {
        const [first, ...rest] = given as [unknown, ...unknown[]];
        if (first instanceof Error) method.call(this, { cause: errorOrigin(first) }, 'error');
        else method.apply(this, [first, ...rest] as Parameters<pino.LogFn>);
      },
    },
  };
  return to === undefined ? pino(options) : pino(options, to);
}

/** Logs one request. Successful probes are logged at level debug: they arrive every few seconds. */
export function logRequest(log: Logger, { error, ...request }: AnsweredRequest): void {
  const content = PROBES.includes(request.route) && request.status < 400;
  if (error === undefined) log[content ? 'debug' : 'info'](request, 'request');
  else if (request.status >= 500 || request.status === 0)
    log.error({ ...request, code: error.code, cause: errorOrigin(error.cause) }, 'request failed');
  else log.info({ ...request, code: error.code }, 'request rejected');
}

const PROBES = ['/healthz', '/readyz'];

/** Origin of an unexpected error: class and source position, never the message, which may contain what a caller sent. */
export function errorOrigin(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const code = codeOf(error);
  // A message of several lines could look like a position.
  const place = error.stack
    ?.replace(error.message, () => '')
    .split('\n')
    .find((line) => /^\s+at /.test(line));
  return `${error.name}${code === undefined ? '' : ` ${code}`}${place === undefined ? '' : ` ${sourcePlace(place.trim())}`}`;
}

/** The code of an error, where it has one. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
