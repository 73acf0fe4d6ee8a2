// The doctor: checks what the vault stands on by doing it, step by step, and says what stands in the way.
import { type ErrorCode, VaultError } from '../../errors.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import type { Step, StepGroup, StepOutcome } from './step.ts';

/** What came of a step. */
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
 * Takes the steps of all parts, one after another, within five minutes. A step that fails does not keep the others from
 * being taken; one that got no answer in half a minute ends its part.
 */
export async function* runDoctor(
  { clock }: Pick<Vault, 'clock'>,
  parts: readonly StepGroup[],
): AsyncGenerator<StepResult> {
  const all = clock.deadline(ALL_MS);
  for (const part of parts) {
    const over = AbortSignal.any([all, clock.deadline(GROUP_MS)]);
    let silent = false;
    for (const step of part.steps) {
      const of = { group: part.name, step: step.name };
      if (silent || over.aborted) {
        yield { ...of, state: 'skipped', detail: 'not tried: there was no answer before' };
        continue;
      }
      const signal = AbortSignal.any([over, clock.deadline(STEP_MS)]);
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

function toStepResult(said: StepOutcome): Pick<StepResult, 'state' | 'detail'> {
  if (typeof said === 'string') return { state: 'ok', detail: said };
  if ('warning' in said) return { state: 'warning', detail: said.warning };
  return { state: 'skipped', detail: `not tried: ${said.skipped}` };
}

/** What to look at where the error's own words do not say it. */
const ADVICE: Readonly<Partial<Record<ErrorCode, string>>> = {
  audit_unavailable: 'check the disk of CALLVAULT_DATABASE, and that its user may write',
  database_busy: 'another process keeps writing to it',
  database_unavailable: 'check CALLVAULT_DATABASE, and that its server runs',
};

/** What stood in the way, in our own words: they name the action that was denied. */
function whyOf(error: unknown): string {
  if (!(error instanceof VaultError)) return error instanceof Error ? error.name : 'failed';
  const advice = ADVICE[error.code];
  return advice === undefined ? error.message : `${error.message}: ${advice}`;
}
