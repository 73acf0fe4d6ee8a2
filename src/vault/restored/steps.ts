// The steps of a restore: how long each took, over all tenants, and what went wrong.
import { type ErrorCode, VaultError } from '../../errors.ts';
import type { Vault } from '../core/vault.ts';

/** What a restore does, in this order; `waiting` is for another operator, `opening` is a drill's. */
export const RESTORE_STEPS = [
  ...(['logs', 'waiting', 'expiry', 'keys', 'tombstones', 'entries', 'blobs', 'opening'] as const),
] as const;
export type RestoreStep = (typeof RESTORE_STEPS)[number];

/** What went wrong. `log`: a tenant's id, or the deployment. */
export type RestoreProblem = {
  readonly step: RestoreStep;
  readonly log: string;
  readonly code: ErrorCode;
  readonly message: string;
};

export type Steps = {
  /** Runs a part of a step. A `VaultError` is a problem, and its code is returned; null without one. */
  readonly run: (step: RestoreStep, log: string, work: () => Promise<void>) => Promise<ErrorCode | null>;
  readonly problem: (step: RestoreStep, log: string, error: VaultError) => void;
  readonly problems: readonly RestoreProblem[];
  /** Milliseconds of each step that ran. */
  readonly took: () => readonly { readonly step: RestoreStep; readonly ms: number }[];
};

/** New steps; `found` is called for each problem. */
export function newSteps(vault: Pick<Vault, 'clock'>, found: (problem: RestoreProblem) => void): Steps {
  const times = new Map<RestoreStep, number>();
  const problems: RestoreProblem[] = [];
  const problem = (step: RestoreStep, log: string, { code, message }: VaultError): void => {
    const one = { step, log, code, message };
    problems.push(one);
    found(one);
  };
  return {
    run: async (step, log, work) => {
      const began = vault.clock.steady();
      try {
        await work();
        return null;
      } catch (error) {
        if (!(error instanceof VaultError)) throw error;
        problem(step, log, error);
        return error.code;
      } finally {
        times.set(step, (times.get(step) ?? 0) + vault.clock.steady() - began);
      }
    },
    problem,
    problems,
    took: () =>
      RESTORE_STEPS.flatMap((step) => (times.has(step) ? [{ step, ms: Math.round(times.get(step) ?? 0) }] : [])),
  };
}

/** Milliseconds of a restore: all steps but the waiting for another operator, and the opening of a sample. */
export function rtoOf(steps: Steps): number {
  return steps.took().reduce((sum, { step, ms }) => sum + (isCounted(step) ? ms : 0), 0);
}

/** Whether a step is a part of the restore itself. */
export function isCounted(step: RestoreStep): boolean {
  return step !== 'waiting' && step !== 'opening';
}
