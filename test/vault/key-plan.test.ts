// What a re-wrap has before it: calls, time and money, by what the key service says of its calls.
import { describe, expect, it } from 'vitest';
import { KMS_CALLS } from '../../src/adapters/aws/kms-provider.ts';
import { planAfterRotation, planRewrap } from '../../src/vault/keys/plan.ts';
import { tenant as row } from '../support/more-fixture-rows.ts';

describe('a plan', () => {
  const line = { scheme: 'kms', keyId: 'k', wrap: 1, state: 'AVAILABLE', keys: 18_000, envelopesBehind: 0 } as const;
  const tenant = { ...row, key: { scheme: 'kms', id: 'k' }, wrap: 1 } as const;

  it('counts calls, money, and a time that neither the pace nor the work shortens', () => {
    expect(planRewrap({ tenant, lines: [line], ingestKeys: [] }, KMS_CALLS, 50)).toMatchObject({
      calls: 0,
      pacedSeconds: null,
      seconds: 0,
      dollars: 0,
    });
    const after = planAfterRotation({ tenant, lines: [line], ingestKeys: [] }, KMS_CALLS, 50);
    expect(after).toMatchObject({ calls: 18_003, pacedSeconds: 361, seconds: 361, dollars: 0.06, envelopes: 18_000 });
    expect(planAfterRotation({ tenant, lines: [line], ingestKeys: [] }, KMS_CALLS, 100_000).seconds).toBe(30);
  });

  it('takes a fifth of what may be called, and counts no call where no service is called', () => {
    expect(planAfterRotation({ tenant, lines: [line], ingestKeys: [] }, KMS_CALLS)).toMatchObject({
      calls: 18_003,
      pacedSeconds: 10,
    });
    const free = { service: 'an HSM', quota: 500, dollars: 0 };
    expect(planAfterRotation({ tenant, lines: [line], ingestKeys: [] }, free)).toMatchObject({
      calls: 18_003,
      pacedSeconds: 181,
      dollars: 0,
    });
    expect(planAfterRotation({ tenant, lines: [line], ingestKeys: [] }, null)).toMatchObject({
      calls: 0,
      pacedSeconds: null,
      dollars: 0,
    });
  });

  it('calls the key service for the metadata key alone where keys are under a tenant KEK', () => {
    const lines = [{ ...line, scheme: 'tenant-kek' } as const];
    expect(planAfterRotation({ tenant: { ...tenant, volume: true }, lines, ingestKeys: [] }, KMS_CALLS, 50).calls).toBe(
      3,
    );
  });
});
