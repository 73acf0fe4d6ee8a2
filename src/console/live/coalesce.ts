// Work that events ask for: they come in bunches, and each reading of the service stands in its log.

const AFTER_MS = 200;
const pending = new Map<string, () => void>();

/** Does the work a moment later: once for each name, however often it was asked for meanwhile. */
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
