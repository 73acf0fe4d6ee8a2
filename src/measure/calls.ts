// Measuring a port: each call is timed and counted once, by method and by how it ended; its pieces pass untouched.
import { Counter, Histogram, type Registry } from 'prom-client';

/** A code of the closed union for any error, so that a label has few values. */
export type CodeOf = (error: unknown) => string;

/** Begins a call of a method; what it returns is told once how the call ended, null for well. */
export type Begin = (method: string) => (error: unknown) => void;

const SECONDS = [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60];

/** Counts and times of the calls of a port. */
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
    help: 'Time of a call; where bytes are streamed, to the first of them',
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

/** The same port, its methods measured. What they return and throw is what the port's own do. */
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

/** Only the first step is looked at: the others are the iterator's own promises, handed on as they are. */
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
