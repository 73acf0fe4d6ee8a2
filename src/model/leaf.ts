// A leaf as it is read: what the stored bytes of an event say.

/** Leaf v1, read. Of `object` only that it has an id is known; what else is in it depends on the action. */
export type Leaf = {
  readonly v: number;
  readonly log: string;
  readonly seq: number;
  readonly ts: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: { readonly type: string; readonly id: string };
  readonly object: { readonly type: string; readonly id: string; readonly [name: string]: string | number };
  readonly node: string;
};

/** The leaf in these bytes; null where they are none. */
export function readLeaf(bytes: Uint8Array): Leaf | null {
  try {
    const leaf = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Leaf;
    const whole = leaf.v === 1 && typeof leaf.ts === 'string' && typeof leaf.actor.id === 'string';
    return whole && typeof leaf.object.id === 'string' ? leaf : null;
  } catch {
    return null;
  }
}
