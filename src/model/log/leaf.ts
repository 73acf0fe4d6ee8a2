// Parser of leaves: an event from its stored bytes.

/** What a member of an event's object can be. */
export type LeafValue = string | number | readonly string[];

type Leafed = { readonly type: string; readonly id: string; readonly [name: string]: LeafValue };

/** A parsed leaf v1. `object` is known to have an id; its other members depend on the action. */
export type Leaf = {
  readonly v: number;
  readonly log: string;
  readonly seq: number;
  readonly id?: string;
  readonly ts: string;
  readonly action: string;
  readonly outcome: string;
  readonly actor: { readonly type: string; readonly id: string; readonly auth?: string };
  readonly object: Leafed;
  readonly req?: string;
  readonly node: string;
  /** The commitment to the sealed detail: `sha256:` and the hash. */
  readonly detail?: string;
};

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Parses a leaf; null where the bytes are not one. */
export function readLeaf(bytes: Uint8Array): Leaf | null {
  try {
    const leaf = JSON.parse(UTF8.decode(bytes)) as Leaf;
    const whole = leaf.v === 1 && typeof leaf.ts === 'string' && typeof leaf.actor.id === 'string';
    const isComplete = typeof leaf.action === 'string' && typeof leaf.outcome === 'string';
    return whole && isComplete && typeof leaf.object.id === 'string' ? leaf : null;
  } catch {
    return null;
  }
}

/** The members of a list, which is one, or a text with commas; none for what is absent. */
export function listed(value: LeafValue | undefined): readonly string[] {
  if (typeof value === 'object') return value;
  return String(value ?? '')
    .split(',')
    .filter((one) => one !== '');
}

/** What an event is about by its ids: of recordings it may have a list. */
export function idsOf({ id, recordings }: { readonly id: string; readonly recordings?: LeafValue }): readonly string[] {
  return recordings === undefined ? [id] : listed(recordings);
}

const DIGITS = '0123456789abcdefghjkmnpqrstvwxyz';

/** The creation time in an id, in milliseconds since 1970; NaN for a text that is not an id. */
export function idTime(id: string): number {
  // Ten characters are 50 bits: two of padding, then the 48 bits of a UUIDv7's time.
  const digits = [...id.slice(4, 14)].map((character) => DIGITS.indexOf(character));
  return digits.length < 10 || digits.includes(-1) ? Number.NaN : digits.reduce((time, digit) => time * 32 + digit, 0);
}

/** What the leaf's hash is the SHA-256 of: a zero byte and the leaf's exact bytes (RFC 6962). */
export function leafInput(leaf: Uint8Array): Uint8Array<ArrayBuffer> {
  const input = new Uint8Array(leaf.length + 1);
  input.set(leaf, 1);
  return input;
}
