// Progress of a tenant's rotation, in figures and steps computed from counts.
import type { TenantKeysBody as TenantKeys } from '../../../http/reply-types.ts';

export type StepFigures = {
  readonly done: number;
  readonly total: number;
  readonly left: number;
  readonly percent: number;
  /** Remaining seconds at the current rate; null without a known rate. */
  readonly seconds: number | null;
};

/** Whether nothing is left to re-wrap. Keys of uploads in progress are re-wrapped when they complete. */
export function isDone({ left }: Pick<TenantKeys, 'left'>): boolean {
  return left.data_keys + left.envelopes + left.ingest_keys === 0 && !left.metadata_key && !left.tenant_json;
}

/** Whether an older generation still opens although no key is at it. */
export function isRetirable(keys: Pick<TenantKeys, 'left' | 'generation' | 'minimum_generation'>): boolean {
  return isDone(keys) && keys.left.under_way === 0 && keys.minimum_generation < keys.generation;
}

/** Figures of the current step: data keys first, then envelopes. */
export function stepFiguresOf({
  left,
  generations,
  running,
}: Pick<TenantKeys, 'left' | 'generations' | 'running'>): StepFigures {
  const total = generations.reduce((sum, { keys }) => sum + keys, 0);
  const open = left.data_keys > 0 ? left.data_keys : left.envelopes;
  const done = Math.max(0, total - open);
  const rate = running?.rate_per_s ?? 0;
  return {
    done,
    total,
    left: open,
    // Rounded down: 100 % only once nothing is left.
    percent: total === 0 ? 100 : Math.min(open === 0 ? 100 : 99, Math.floor((done / total) * 100)),
    seconds: rate > 0 ? Math.ceil(open / rate) : null,
  };
}

export type StepState = 'done' | 'now' | 'locked';
export type StepName = 'plan' | 'generation' | 'rewrap' | 'count' | 'retire';

/** The five steps of a rotation with their states. */
export function stepsOf(
  keys: Pick<TenantKeys, 'left' | 'generation' | 'minimum_generation'>,
): readonly [StepName, StepState][] {
  const done = isDone(keys);
  const retired = keys.minimum_generation >= keys.generation;
  return [
    ['plan', 'done'],
    ['generation', 'done'],
    ['rewrap', done ? 'done' : 'now'],
    ['count', done ? 'done' : 'locked'],
    ['retire', retired ? 'done' : isRetirable(keys) ? 'now' : 'locked'],
  ];
}

/** Tone of a generation: current, previous or older. */
export function generationTone(generation: number, current: number): 'g0' | 'g1c' | 'g2c' {
  return generation === current ? 'g0' : generation === current - 1 ? 'g1c' : 'g2c';
}

/** A duration in its most readable unit. */
export function durationInUnit(seconds: number): {
  readonly unit: 'seconds' | 'minutes' | 'hours';
  readonly count: number;
} {
  if (seconds < 90) return { unit: 'seconds', count: Math.max(1, Math.ceil(seconds)) };
  if (seconds < 5_400) return { unit: 'minutes', count: Math.ceil(seconds / 60) };
  return { unit: 'hours', count: Math.ceil(seconds / 360) / 10 };
}

/** The census as CSV, one line for each generation. */
export function csvOf(tenants: readonly TenantKeys[]): string {
  const head =
    'tenant,scheme,key,key_state,generation,current,keys,under_way,envelopes_behind,tenant_keks,ingest_keys,counted';
  const lines = tenants.flatMap((one) =>
    one.generations.map(({ generation, keys, under_way, envelopes_behind, tenant_keks, ingest_keys }) =>
      [
        ...[one.tenant, one.key_scheme, one.key_id, one.key_state, generation, generation === one.generation ? 1 : 0],
        ...[keys, under_way, envelopes_behind, tenant_keks, ingest_keys, one.counted],
      ].join(','),
    ),
  );
  return `${[head, ...lines].join('\n')}\n`;
}
