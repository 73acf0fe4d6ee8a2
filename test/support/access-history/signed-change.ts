// The oracle's part about signatures of changes: whose passkey signed which proposal, by no code of the product.
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Leaf } from '../../../src/model/log/leaf.ts';
import { URL_OF_WORLD } from '../world.ts';

const sha256 = (...parts: readonly (string | Buffer)[]): Buffer => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Canonical JSON of texts, integers and objects of them. */
function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`;
}

/** What the passkeys of a proposer and an approver sign: the leaf's hash, as a challenge. */
export function challengeOf(proposed: Leaf): string {
  return sha256(Buffer.of(0), canonical(proposed)).toString('base64url');
}

/** Whether an event has a signature over a challenge by one of these keys (base64), at the service's address. */
export function isSignedOver({ object }: Leaf, challenge: string, keys: readonly string[]): boolean {
  const [key = '', client = '', authenticator = '', signature = ''] = [
    ...['key', 'client', 'authenticator', 'signature'].map((name) => String(object[name] ?? '')),
  ];
  if (!keys.includes(key)) return false;
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  const said = JSON.parse(bytes(client).toString()) as Record<string, unknown>;
  if (said['type'] !== 'webauthn.get' || said['challenge'] !== challenge || said['origin'] !== URL_OF_WORLD)
    return false;
  const data = bytes(authenticator);
  if (!data.subarray(0, 32).equals(sha256(new URL(URL_OF_WORLD).hostname)) || ((data[32] ?? 0) & 5) !== 5) return false;
  const signed = Buffer.concat([data, sha256(bytes(client))]);
  return verify('sha256', signed, createPublicKey({ key: bytes(key), format: 'der', type: 'spki' }), bytes(signature));
}
