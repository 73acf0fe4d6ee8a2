// Connection state of the browser. Being offline is not a fault of the service, and passes by itself.

/** Whether the browser reports a connection. */
export function isOnline(): boolean {
  return navigator.onLine;
}

/** Calls `back` whenever the connection returns. Returns a function that stops it. */
export function onOnline(back: () => void): () => void {
  addEventListener('online', back);
  return () => removeEventListener('online', back);
}

/** Loads a lazy part of the console, waiting for a connection when offline. */
export async function whenOnline<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (isOnline()) throw error;
    await new Promise<void>((resolve) => {
      const stop = onOnline(() => {
        stop();
        resolve();
      });
    });
    return whenOnline(load);
  }
}
