// A passkey's signature of a proposed change, against the vector of an independent program.
import { expect, it } from 'vitest';
import { leafHash } from '../../../src/model/audit-event.ts';
import { type Assertion, isProof, urlBase64Of } from '../../../src/model/log/proof.ts';
import { proofCrypto } from '../../../src/vault/core/proofs/proof-crypto.ts';
import { raw, tlog } from '../../support/tlog-vectors.ts';

const URL = 'https://vault.example';
const { proposed, leaf_hash: hash, signed } = tlog.change;
const isSigned = (given: Assertion, leaf: string, url = URL): boolean =>
  isProof(given, urlBase64Of(leafHash(Buffer.from(leaf))), url, proofCrypto);

it('is a signature of the leaf of the proposal, and of no other', () => {
  expect(leafHash(Buffer.from(proposed)).equals(raw(hash))).toBe(true);
  expect(isSigned(signed, proposed)).toBe(true);
  for (const [from, to] of [
    ['"roles":"supervisor"', '"roles":"reviewer"'],
    ['"seq":7', '"seq":8'],
    ['"op-17"', '"op-18"'],
  ] as const) {
    expect(proposed).toContain(from);
    expect(isSigned(signed, proposed.replace(from, to)), to).toBe(false);
  }
  expect(isSigned(signed, proposed, 'https://other.example')).toBe(false);
});

it('depends on each byte of what the authenticator returned', () => {
  for (const name of ['key', 'authenticator', 'client', 'signature'] as const) {
    const bytes = Buffer.from(signed[name], 'base64');
    for (const at of [0, bytes.length >> 1, bytes.length - 1]) {
      const edited = Buffer.from(bytes);
      edited[at] = (edited[at] ?? 0) ^ 1;
      expect(isSigned({ ...signed, [name]: edited.toString('base64') }, proposed), `${name} ${at}`).toBe(false);
    }
  }
});
