// Proofs by passkey against the vectors of an independent program, and what they must not accept.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../../src/bytes/canonical-json.ts';
import { leafHash } from '../../../src/model/audit-event.ts';
import { createLogCheck } from '../../../src/model/log/check.ts';
import {
  type DecisionValues,
  isProof,
  type ProofVersion,
  proofChallenge,
  proofText,
} from '../../../src/model/log/proof.ts';
import { proofCrypto } from '../../../src/vault/core/proofs/proof-crypto.ts';

type Told = { readonly seq: number; readonly code: string };
type Log = {
  readonly name: string;
  readonly leaves: readonly string[];
  readonly findings: readonly Told[];
  readonly notices: readonly Told[];
};
type Vectors = {
  readonly url: string;
  readonly log: string;
  readonly challenges: readonly {
    readonly name: string;
    readonly version: ProofVersion;
    readonly proof: string;
    readonly decisions: readonly DecisionValues[];
    readonly json: string;
    readonly client: string;
  }[];
  readonly good: readonly Log[];
  readonly bad: readonly Log[];
};

const vectors = JSON.parse(readFileSync(new URL('../../vectors/proofs.json', import.meta.url), 'utf8')) as Vectors;

/** What the check finds about proofs. The vectors are parts of logs: requests and credentials are not in them. */
function proofsOf(leaves: readonly string[]) {
  const check = createLogCheck(vectors.log, 'whole', { ...proofCrypto, url: vectors.url });
  for (const [seq, text] of leaves.entries()) {
    const leaf = Buffer.from(text);
    check.add({ seq, leaf, hash: leafHash(leaf) }, leafHash(leaf));
  }
  const { findings, notices } = check.checked();
  const told = ({ seq, code }: Told): Told => ({ seq, code });
  return {
    findings: findings.filter(({ code }) => code.endsWith('_proof')).map(told),
    notices: notices.filter(({ code }) => code === 'approval_link').map(told),
  };
}

describe('the challenge of a proof', () => {
  it.each(vectors.challenges)('of $name in version $version is that of the vectors', (one) => {
    const { version, proof, decisions, json, client } = one;
    expect(proofText(vectors.log, proof, decisions, version)).toBe(json);
    expect(proofChallenge(json, proofCrypto)).toBe(client);
    expect(canonicalBytes(JSON.parse(json)).toString()).toBe(json);
  });
});

describe('the check of proofs', () => {
  it.each(vectors.good)('finds nothing in $name', ({ leaves, findings, notices }) => {
    expect(findings).toEqual([]);
    expect(proofsOf(leaves)).toEqual({ findings, notices });
  });

  it.each(vectors.bad)('finds $name', ({ leaves, findings, notices }) => {
    expect(findings.length).toBeGreaterThan(0);
    expect(proofsOf(leaves)).toEqual({ findings, notices });
  });

  it('finds every value of fifty decisions that was changed after the passkey', () => {
    const newest = 'version 2, fifty decisions without the extension';
    const { leaves = [] } = vectors.good.find(({ name }) => name === newest) ?? {};
    const values = { recording: 'rec_x', person: 'usr_x', purpose: 'legal', objects: 'audio', minutes: 21 };
    const members = { opens_until: '2026-11-28T10:00:00.000Z', instead_of: 'grt_x', extension: undefined };
    for (const at of [3, 27, 52]) {
      for (const [member, value] of Object.entries({ ...values, ...members })) {
        const leaf = JSON.parse(leaves[at] ?? '') as { object: object };
        const edited = canonicalBytes({ ...leaf, object: { ...leaf.object, [member]: value } }).toString();
        const { findings } = proofsOf(leaves.with(at, edited));
        expect(findings, `${member} of ${at}`).toHaveLength(50);
      }
    }
  });

  it('finds a signature with any bit flipped', () => {
    const log = vectors.good.find(({ name }) => name === 'one decision, ES256');
    const given = JSON.parse(log?.leaves[2] ?? '') as {
      object: Record<'key' | 'authenticator' | 'client' | 'signature', string>;
    };
    const challenge = (JSON.parse(Buffer.from(given.object.client, 'base64').toString()) as { challenge: string })
      .challenge;
    expect(isProof(given.object, challenge, vectors.url, proofCrypto)).toBe(true);
    for (const member of ['authenticator', 'client', 'signature'] as const) {
      const bytes = Buffer.from(given.object[member], 'base64');
      for (let bit = 0; bit < bytes.length * 8; bit += 5) {
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        const assertion = { ...given.object, [member]: flipped.toString('base64') };
        expect(isProof(assertion, challenge, vectors.url, proofCrypto), `${member} bit ${bit}`).toBe(false);
      }
    }
  });

  it('does not check proofs of a caller without cryptography', () => {
    const [{ leaves } = { leaves: [] }] = vectors.bad;
    const check = createLogCheck(vectors.log, 'whole');
    for (const [seq, text] of leaves.entries())
      check.add({ seq, leaf: Buffer.from(text), hash: Buffer.of() }, Buffer.of());
    expect(check.checked().findings.some(({ code }) => code === 'approval_proof')).toBe(false);
  });
});
