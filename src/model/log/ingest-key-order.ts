// The part of the log's check that follows a tenant's ingest keys: each replaces the one before, and is retired long after.
import { type At, correctedTo, MINUTE_MS } from './at.ts';

/** A key is retired 90 days after its replacement, whose creation began earlier than its event, by another clock. */
const KEPT_MS = 89 * 24 * 60 * MINUTE_MS;

/**
 * A check that an ingest key is created once and replaces the current one, and that an old one is retired once, 90 days
 * after its replacement and its last file. Keys that come back from the store say what they replace in a database that
 * lost its own; after a restore or a rebuild, too, the current key is not known until the next one. Takes every event
 * with the outcome `ok`.
 */
export function ingestKeyOrder(): (at: At) => void {
  const known = new Set<string>();
  const retired = new Set<string>();
  const replacedAt = new Map<string, number>();
  /** Null before the first key; undefined where it is not known. */
  let current: string | null | undefined = null;
  let isBack = false;

  const create = ({ leaf: { object }, now, find }: At): void => {
    const { id, how, replaces } = object;
    if (how === 'restored') {
      current = replaces !== undefined || current === null ? id : undefined;
      known.add(id);
      return;
    }
    if (known.has(id)) find('repeated');
    else if (current !== undefined && (replaces ?? null) !== current) find('ingest_key_order');
    known.add(id);
    if (replaces !== undefined) replacedAt.set(String(replaces), now);
    current = id;
  };

  const retire = ({ leaf: { object }, now, find }: At): void => {
    const { id, last_file: lastFile } = object;
    const needed = [replacedAt.get(id) ?? now - KEPT_MS, lastFile === undefined ? 0 : Date.parse(String(lastFile))];
    const isUnknown = !isBack && !known.has(id);
    // Written so that a time that cannot be read is a finding.
    const isLate = needed.every((time) => now >= time + KEPT_MS);
    if (isUnknown || id === current || retired.has(id) || !isLate) find('ingest_key_order');
    retired.add(id);
  };

  const forget = (): void => {
    retired.clear();
    replacedAt.clear();
    current = undefined;
    isBack = true;
  };

  return (at) => {
    const { action, object, log } = at.leaf;
    const to = correctedTo(at);
    if (to !== null) for (const [id, time] of replacedAt) replacedAt.set(id, Math.min(time, to));
    if (action === 'ingest_key.created') create(at);
    else if (action === 'ingest_key.retired') retire(at);
    else if (action === 'vault.rebuilt' || action === 'tenant.rebuilt') forget();
    else if (action === 'log.restored' && log.endsWith(`/${object.id}`)) forget();
  };
}
