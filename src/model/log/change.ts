// A change by two people, as the log's check knows it.
import { hexOf } from './base64.ts';
import type { ProofCrypto } from './proof.ts';

/** A change as the log knows it. `index` and `hash` are of its proposal; `lines`: what was done on it. */
export type Change = {
  /** A person's id; an operator's staff code where a command proposed it. */
  readonly proposer: string;
  readonly byCommand: boolean;
  readonly kind: string;
  readonly index: number;
  readonly hash: Uint8Array;
  readonly effects: string | null;
  readonly expires: number | null;
  state: 'open' | 'approved' | 'applied' | 'closed';
  /** Who approved it, and when, in milliseconds. */
  approver: string | null;
  approved: number;
  /** Whether the proposer signed it, validly; null without a signature. `signer`: the operator who signed a command's. */
  signed: boolean | null;
  signer: string | null;
  lines: string[];
  /** The newest of the events that `lines` are of. */
  acted: { readonly seq: number; readonly id: string } | null;
};

/** Whether something was done on it, and it has not taken effect. Background work applies a release in batches. */
export function isPending({ state, kind, lines }: Change): boolean {
  return state === 'approved' && kind !== 'release' && lines.length > 0;
}

/** Whether the lines have the digest that was proposed; true where an older version proposed none. */
export function isAsProposed({ effects, lines }: Change, { sha256 }: ProofCrypto): boolean {
  const text = [...lines].sort().map((line) => `${line}\n`);
  return effects === null || hexOf(sha256(new TextEncoder().encode(text.join('')))) === effects;
}
