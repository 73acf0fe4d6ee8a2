// Work that events ask for: they come in bunches, and each reading of the service stands in its log.

const AFTER_MS = 200;
const waiting = new Map<string, () => void>();

/** Does the work a moment later: once for each name, however often it was asked for meanwhile. */
export function soon(name: string, work: () => void): void {
  const isNew = !waiting.has(name);
  waiting.set(name, work);
  if (!isNew) return;
  setTimeout(() => {
    const latest = waiting.get(name);
    waiting.delete(name);
    latest?.();
  }, AFTER_MS);
}
