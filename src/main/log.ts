// The process log: JSON lines of ids, codes, patterns and times. Only listed members get into a line.
import { type DestinationStream, type Logger, pino } from 'pino';
import type { AnsweredRequest } from '../http/app.ts';
import { standardOutput } from './log-output.ts';
import { sourcePlace } from './source-place.ts';

/** The members of a line, beside its level, time and text. None holds what a caller sent. */
const MEMBERS = [
  ...(['node', 'version', 'address', 'port', 'signal', 'work', 'count', 'log', 'fell_ms'] as const),
  ...(['requestId', 'trace', 'method', 'route', 'status', 'milliseconds', 'bytes', 'code', 'cause'] as const),
] as const;

/** The listed members that are text, numbers, true or false: an object could have anything inside. */
function listedMembers(line: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const listed: Record<string, unknown> = {};
  for (const name of MEMBERS) {
    const value = line[name];
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') listed[name] = value;
  }
  return listed;
}

/** The process log. It has no children: the members of a child would not be picked. */
export type ProcessLog = Pick<Logger, 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'level'>;

/** A logger of this node, to standard output or to `to`. */
export function createLog(node: string, to: DestinationStream = standardOutput()): ProcessLog {
  const options = {
    base: { node },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { log: listedMembers },
    hooks: {
      // pino would use an error's message as the line's message.
      logMethod(this: Logger, given: Parameters<pino.LogFn>, method: pino.LogFn): void {
        const [first, ...rest] = given as [unknown, ...unknown[]];
        if (first instanceof Error) method.call(this, { cause: errorOrigin(first) }, 'error');
        else method.apply(this, [first, ...rest] as Parameters<pino.LogFn>);
      },
    },
  };
  return pino(options, to);
}

/** Logs one request. Successful probes are logged at level debug: they arrive every few seconds. */
export function logRequest(log: ProcessLog, { error, ...request }: AnsweredRequest): void {
  const content = PROBES.includes(request.route) && request.status < 400;
  if (error === undefined) log[content ? 'debug' : 'info'](request, 'request');
  // An upload of the same call goes on: nothing is wrong here, and after a killed process each retry says so.
  else if ((request.status >= 500 && error.code !== 'upload_in_progress') || request.status === 0)
    log.error({ ...request, code: error.code, cause: errorOrigin(error.cause) }, 'request failed');
  else log.info({ ...request, code: error.code, cause: error.denial }, 'request rejected');
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
