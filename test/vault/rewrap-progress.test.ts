// The plan and the progress of a re-wrap.
import { describe, expect, it } from 'vitest';
import { rewrapProgress } from '../../src/vault/keys/overview/progress.ts';
import { tenant as row } from '../support/more-fixture-rows.ts';

describe('progress', () => {
  const now = Date.parse('2026-11-25T12:00:00.000Z');
  const at = (seconds: number) => now - seconds * 1000;
  const tenant = { ...row, wrap: 2 };
  const lines = [
    { scheme: 'kms', keyId: 'k', wrap: 1, state: 'AVAILABLE', keys: 40, envelopesBehind: 0 },
    { scheme: 'kms', keyId: 'k', wrap: 2, state: 'AVAILABLE', keys: 60, envelopesBehind: 60 },
  ] as const;
  const none = {
    dataKeys: 0,
    underway: 0,
    envelopes: 0,
    metadataKey: false,
    tenantBlob: false,
    ingestKeys: 0,
    ingestBlobs: 0,
  };
  const run = (last: number) => ({
    run: 'r',
    by: 'op-1',
    wrap: 2,
    since: new Date(at(50)).toISOString(),
    last: new Date(at(last)).toISOString(),
    batches: [
      { at: at(30), keys: 500 },
      { at: at(last), keys: 200 },
    ],
  });

  it('of keys follows from the events of the last seconds', () => {
    const left = { ...none, dataKeys: 40, envelopes: 60 };
    const done = { step: 'keys', since: run(1).since, by: 'op-1', done: 60, left: 40 };
    expect(rewrapProgress({ tenant, lines }, left, run(1), [], now)).toEqual({ ...done, ratePerSecond: 20 });
    expect(rewrapProgress({ tenant, lines }, left, run(15), [], now)).toEqual({ ...done, ratePerSecond: 0 });
    expect(rewrapProgress({ tenant, lines }, left, run(21), [], now)).toBeNull();
    expect(rewrapProgress({ tenant, lines }, left, { ...run(1), wrap: 1 }, [], now)).toBeNull();
    // An erasure reduces the count too.
    const fewer = [
      { at: at(5), left: 110 },
      { at: at(1), left: 100 },
    ];
    expect(rewrapProgress({ tenant, lines }, left, null, fewer, now)).toBeNull();
  });

  it('of envelopes follows from their falling count', () => {
    const left = { ...none, envelopes: 60 };
    const samples = [
      { at: at(60), left: 1000 },
      { at: at(10), left: 100 },
      { at: at(0), left: 60 },
    ];
    const done = { step: 'envelopes', since: null, by: null, done: 40, left: 60, ratePerSecond: 4 };
    expect(rewrapProgress({ tenant, lines }, left, null, samples, now)).toEqual(done);
    expect(rewrapProgress({ tenant, lines }, left, null, samples.slice(-1), now)).toBeNull();
    expect(rewrapProgress({ tenant, lines }, left, null, [...samples.slice(2), { at: now, left: 90 }], now)).toBeNull();
  });
});
