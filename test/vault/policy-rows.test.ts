// The policy's row: authenticated once a version, and again whenever a column differs.
import { describe, expect, it } from 'vitest';
import { canonicalBytes } from '../../src/bytes/canonical-json.ts';
import { SecretKey } from '../../src/envelope/secret-key.ts';
import { defaultPolicy, type PolicyRow } from '../../src/model/policy.ts';
import { withMac } from '../../src/vault/core/authority/authority-rows.ts';
import { policyOf } from '../../src/vault/core/policy/policy-in-force.ts';

const newKey = (byte: number) => new SecretKey(Buffer.alloc(32, byte));
const key = newKey(1);

function rowOf(uses: number, more: Partial<PolicyRow> = {}): PolicyRow {
  const body = canonicalBytes({ ...defaultPolicy(24), uses }).toString();
  const row = { tenant: 'ten_a', id: 'pol_a', created: '2026-11-28T10:00:00.000Z', body, change: null };
  return { ...withMac(key, 'policy', row), ...more };
}

const forged = expect.objectContaining({ code: 'integrity' });

describe('the row of a policy', () => {
  it('is parsed once for a key', () => {
    const first = policyOf(key, rowOf(3));
    expect(policyOf(key, rowOf(3))).toBe(first);
    expect(policyOf(key, rowOf(4)).policy.uses).toBe(4);
    expect(policyOf(key, rowOf(3)).policy.uses).toBe(3);
  });

  it.each<Partial<PolicyRow>>([
    { body: rowOf(99).body },
    { id: 'pol_b' },
    { tenant: 'ten_b' },
    { change: 'chg_a' },
    { created: '2026-11-29T10:00:00.000Z' },
    { mac: Buffer.alloc(32) },
    { mac: null },
  ])('is not authentic with %o, right after the authentic one', (edited) => {
    policyOf(key, rowOf(3));
    expect(() => policyOf(key, rowOf(3, edited))).toThrow(forged);
    expect(policyOf(key, rowOf(3)).policy.uses).toBe(3);
  });

  it('of one tenant’s key is not authentic under another key', () => {
    policyOf(key, rowOf(3));
    expect(() => policyOf(newKey(2), rowOf(3))).toThrow(forged);
  });
});
