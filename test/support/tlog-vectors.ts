// The vectors of the tree, its notes, tiles, proofs and segments: test/vectors/tlog.json.
import { readFileSync } from 'node:fs';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';

type Proof = { readonly proof: readonly string[] };

export type TlogVectors = {
  readonly log: string;
  readonly signer: { readonly seed: string; readonly verifier: string };
  readonly next_signer: { readonly seed: string; readonly verifier: string };
  readonly leaves: Readonly<Record<string, string>>;
  readonly leaf_hashes: readonly string[];
  readonly roots: Readonly<Record<string, string>>;
  readonly inclusion: readonly (Proof & { readonly index: number; readonly size: number })[];
  readonly consistency: readonly (Proof & { readonly from: number; readonly to: number })[];
  readonly checkpoints: Readonly<Record<string, string>>;
  readonly checkpoint_of_two_signers: string;
  readonly tlog_proof: string;
  readonly tlog_proof_with_leaf: string;
  readonly tiles: readonly { readonly path: string; readonly sha256: string }[];
  readonly tile_paths: Readonly<Record<string, string>>;
  readonly segment: { readonly path: string; readonly size: number; readonly bytes: number; readonly sha256: string };
  /** The leaf of a proposal, its hash in base64, and the members of its `change.signed`. */
  readonly change: {
    readonly proposed: string;
    readonly leaf_hash: string;
    readonly signed: Readonly<Record<'key' | 'authenticator' | 'client' | 'signature', string>>;
  };
};

export const tlog = JSON.parse(readFileSync(new URL('../vectors/tlog.json', import.meta.url), 'utf8')) as TlogVectors;

/** Bytes of base64. */
export function raw(base64: string): Uint8Array {
  return new Uint8Array(Buffer.from(base64, 'base64'));
}

/** The leaf of this index, as the rule of the vectors makes it from the first one. */
export function tlogLeaf(seq: number): Buffer {
  const first = JSON.parse(tlog.leaves['0'] ?? '') as Record<string, unknown>;
  const ts = new Date(Date.UTC(2026, 10, 27) + seq * 1000).toISOString();
  return canonicalBytes({ ...first, seq, id: `evt_${String(seq).padStart(26, '0')}`, ts });
}
