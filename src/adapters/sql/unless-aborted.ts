// The caller's signal during a transaction: it ends the wait at once, unless the COMMIT has been sent.

/**
 * Runs `work` in a transaction. A signal that fires before the work is done rolls back and rejects at once; after that
 * the transaction's outcome counts.
 */
export function unlessAborted<From, T>(
  transact: (work: (from: From) => Promise<T>) => Promise<T>,
  work: (from: From) => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  let committing = false;
  const guarded = async (from: From): Promise<T> => {
    committing = false;
    signal.throwIfAborted();
    const result = await work(from);
    signal.throwIfAborted();
    committing = true;
    return result;
  };
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      if (!committing) reject(signal.reason);
    };
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    transact(guarded)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', abort));
  });
}
