// Events of a tenant that are in the deployment's log too, by one transaction: restores, rebuilds, keys.
import type { At } from './at.ts';
import type { Leaf } from './leaf.ts';

/** Of a tenant's events that are in both logs, which of their members are the same in both. */
const COPIED: ReadonlyMap<string, readonly string[]> = new Map([
  ['log.restored', ['from', 'to', 'lost']],
  ['tenant.rebuilt', ['policy', 'sha256', 'wrap']],
  ['tenant.resumed', []],
  ['key.rotated', ['how', 'wrap', 'key', 'from']],
  ['key.retired', ['from', 'wrap']],
]);

/** What such an event and its copy have in common; null of an event without a copy. */
export function copyKeyOf({ action, object }: Leaf): string | null {
  const members = COPIED.get(action);
  return members === undefined ? null : JSON.stringify([action, object.id, ...members.map((name) => object[name])]);
}

type Copies = { readonly eventCopy: (key: string, made: number) => 'there' | 'missing' | 'unknown' };

/** A check that what a tenant's log has of both logs is in the deployment's too, and that a restore names events before it. */
export function copiedEventsOf(name: string, deployment: Copies | undefined): (at: At) => void {
  const isDeployment = name.endsWith('/deployment');
  return ({ leaf, now, isNew, find, note }) => {
    const { action, object, seq } = leaf;
    if (!name.endsWith(`/${object.id}`)) return;
    if (action === 'log.restored') {
      const [from, to] = [Number(object['from']), Number(object['to'])];
      // Nothing may have come back: then the end is before the beginning.
      if (!(from >= 0 && to >= from - 1 && to < seq)) find('form');
    }
    const key = isDeployment || !isNew ? null : copyKeyOf(leaf);
    if (key === null) return;
    const copy = deployment?.eventCopy(key, now) ?? 'unknown';
    if (copy === 'missing') find('change_missing');
    if (copy === 'unknown') note('copy_unchecked');
  };
}
