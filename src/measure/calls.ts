// Decorator that times and counts each call of a port by method and result; streams pass through unchanged.
import { Counter, Histogram, type Registry } from 'prom-client';

/** Maps any error to a code of the closed union, which bounds the label's values. */
export type CodeOf = (error: unknown) => string;

/** Starts measuring a call. Call the returned function once at the end, with the error or null. */
export type Begin = (method: string) => (error: unknown) => void;

const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];

/** Count and duration metrics for the calls of a port. */
export function callMetrics(registry: Registry, port: 'store' | 'key_service' | 'database', codeOf: CodeOf): Begin {
  const registers = [registry];
  const requests = new Counter({
    name: `callvault_${port}_requests_total`,
    help: 'Calls by method and result: ok, or an error code',
    labelNames: ['op', 'result'],
    registers,
  });
  const seconds = new Histogram({
    name: `callvault_${port}_duration_seconds`,
    help: 'Duration of a call; for streams, to the first byte',
    labelNames: ['op'],
    buckets: SECONDS,
    registers,
  });
  return (op) => {
    const done = seconds.startTimer({ op });
    return (error) => {
      done();
      requests.inc({ op, result: error === null ? 'ok' : codeOf(error) });
    };
  };
}

/** The same port with measured methods. Results and errors are those of the port. */
export function measured<Port extends object>(port: Port, begin: Begin): Port {
  const methods = Object.entries(port).map(([name, method]) => [
    name,
    typeof method === 'function'
      ? (...given: unknown[]) =>
          followed(
            () => method(...given),
            () => begin(name),
          )
      : method,
  ]);
  return Object.fromEntries(methods) as Port;
}

function followed(call: () => unknown, begin: () => (error: unknown) => void): unknown {
  const end = begin();
  let made: unknown;
  try {
    made = call();
  } catch (error) {
    end(error);
    throw error;
  }
  if (made instanceof Promise) {
    return made.then(
      (value: unknown) => {
        end(null);
        return value;
      },
      (error: unknown) => {
        end(error);
        throw error;
      },
    );
  }
  if (isIterable(made)) return firstFollowed(made, end);
  end(null);
  return made;
}

function isIterable(made: unknown): made is AsyncIterable<unknown> {
  return typeof made === 'object' && made !== null && Symbol.asyncIterator in made;
}

// Measures the first step only. Later ones return the iterator's own promises.
function firstFollowed(iterable: AsyncIterable<unknown>, end: (error: unknown) => void): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]: () => {
      const inner = iterable[Symbol.asyncIterator]();
      let begun = false;
      const first = async (): Promise<IteratorResult<unknown>> => {
        try {
          const step = await inner.next();
          end(null);
          return step;
        } catch (error) {
          end(error);
          throw error;
        }
      };
      return {
        next: () => {
          if (begun) return inner.next();
          begun = true;
          return first();
        },
        return: async (value?: unknown) => (await inner.return?.(value)) ?? { done: true, value },
      };
    },
  };
}
