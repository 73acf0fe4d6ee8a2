// Commands that take as long as they take: a signal that fires when somebody ends them.

/** Runs `work` with a signal that SIGINT and SIGTERM fire; what was done until then stays done. */
export async function stoppable<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const end = new AbortController();
  const stop = (): void => end.abort(new Error('stopped'));
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    return await work(end.signal);
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}
