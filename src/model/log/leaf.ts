// A leaf as it is read: what the stored bytes of an event say.

/** Leaf v1, read. Of `object` only that it has an id is known; what else is in it depends on the action. */
export type Leaf = {
  readonly v: number;
  readonly log: string;
  readonly seq: number;
  readonly id?: string;
  readonly ts: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: { readonly type: string; readonly id: string; readonly auth?: string };
  readonly object: { readonly type: string; readonly id: string; readonly [name: string]: string | number };
  readonly node: string;
  /** `sha256:` and the commitment to what is sealed beside it. */
  readonly detail?: string;
};

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** The leaf in these bytes; null where they are none. */
export function readLeaf(bytes: Uint8Array): Leaf | null {
  try {
    const leaf = JSON.parse(UTF8.decode(bytes)) as Leaf;
    const whole = leaf.v === 1 && typeof leaf.ts === 'string' && typeof leaf.actor.id === 'string';
    const told = typeof leaf.action === 'string' && typeof leaf.outcome === 'string';
    return whole && told && typeof leaf.object.id === 'string' ? leaf : null;
  } catch {
    return null;
  }
}

/** What the leaf's hash is the SHA-256 of: a zero byte and the leaf's exact bytes (RFC 6962). */
export function leafInput(leaf: Uint8Array): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(leaf.length + 1);
  input.set(leaf, 1);
  return input;
}
