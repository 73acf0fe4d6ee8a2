// Being offline is the browser's own to know: it is no fault of the service, and passes by itself.

/** Whether the browser says that it has a connection. */
export function isOnline(): boolean {
  return navigator.onLine;
}

/** Calls back at each return of the connection; the function returned stops it. */
export function onOnline(back: () => void): () => void {
  addEventListener('online', back);
  return () => removeEventListener('online', back);
}

/** A part of the console that is loaded when it is needed: without a connection it waits for one. */
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
