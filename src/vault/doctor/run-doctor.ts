// The doctor: tries every call that the vault depends on, step by step, and reports what failed.
import { type ErrorCode, VaultError } from '../../errors.ts';
import { RESTORE_COMMAND } from '../../model/held-log.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { Step, StepGroup, StepOutcome } from './step.ts';

/** The result of a step. */
export type StepResult = {
  readonly group: string;
  readonly step: string;
  readonly state: 'ok' | 'warning' | 'failed' | 'skipped';
  readonly detail: string;
};

const STEP_MS = 30_000;
const GROUP_MS = 60_000;
const ALL_MS = 300_000;

/**
 * Runs the steps of all groups, one after another, within five minutes. A failed step does not stop the others; a step
 * without an answer within half a minute ends its group.
 */
export async function* runDoctor(
  { clock }: Pick<Vault, 'clock'>,
  parts: readonly StepGroup[],
): AsyncGenerator<StepResult> {
  const all = clock.deadline(ALL_MS);
  for (const part of parts) {
    const deadline = AbortSignal.any([all, clock.deadline(GROUP_MS)]);
    let silent = false;
    for (const step of part.steps) {
      const of = { group: part.name, step: step.name };
      if (silent || deadline.aborted) {
        yield { ...of, state: 'skipped', detail: 'not tried: an earlier step got no answer' };
        continue;
      }
      const signal = AbortSignal.any([deadline, clock.deadline(STEP_MS)]);
      yield { ...of, ...(await runStep(step, { signal })) };
      silent = signal.aborted;
    }
  }
}

async function runStep(step: Step, request: RequestContext): Promise<Pick<StepResult, 'state' | 'detail'>> {
  try {
    return toStepResult(await step.run(request));
  } catch (error) {
    const detail = request.signal.aborted ? 'no answer in time: check endpoint and network' : whyOf(error);
    return { state: 'failed', detail };
  }
}

function toStepResult(outcome: StepOutcome): Pick<StepResult, 'state' | 'detail'> {
  if (typeof outcome === 'string') return { state: 'ok', detail: outcome };
  if ('warning' in outcome) return { state: 'warning', detail: outcome.warning };
  return { state: 'skipped', detail: `not tried: ${outcome.skipped}` };
}

/** Advice for errors whose own text has none. */
const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  audit_unavailable: 'check the disk of CALLVAULT_DATABASE, and that its user may write',
  database_busy: 'another process keeps writing to it',
  database_unavailable: 'check CALLVAULT_DATABASE, and that its server runs',
};

/** The cause of a failure, in callvault's words: they name the denied action. */
function whyOf(error: unknown): string {
  if (!(error instanceof VaultError)) return error instanceof Error ? error.name : 'failed';
  const advice = error.message.includes(RESTORE_COMMAND) ? undefined : ADVICE[error.code];
  return advice === undefined ? error.message : `${error.message}: ${advice}`;
}
