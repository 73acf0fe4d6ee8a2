// Coalesced work after events: events come in bursts, and the service logs every read.

const AFTER_MS = 200;
const pending = new Map<string, () => void>();

/** Runs the work after a short delay, once for each name, however often it was requested meanwhile. */
export function coalesce(name: string, work: () => void): void {
  const isNew = !pending.has(name);
  pending.set(name, work);
  if (!isNew) return;
  setTimeout(() => {
    const latest = pending.get(name);
    pending.delete(name);
    latest?.();
  }, AFTER_MS);
}
