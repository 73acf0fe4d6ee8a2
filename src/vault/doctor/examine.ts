// The doctor: checks what the vault stands on by doing it, step by step, and says what stands in the way.
import type { Actor } from '../../model/audit-event.ts';
import { DEPLOYMENT, event } from '../log/events.ts';
import type { Request } from '../request.ts';
import { keySteps } from './key-steps.ts';
import type { DoctorParts, Step } from './step.ts';
import { storeSteps } from './store-steps.ts';
import { whyOf } from './why.ts';

/** What came of a step. */
export type Finding = { readonly name: string; readonly ok: boolean; readonly detail: string };

const STEP_MS = 60_000;

/**
 * Examines database, log, store and keys, as far as this process's role uses them. A step that fails does not keep the
 * others from being done. `newKey` also asks for a new key, which a key service cannot be asked for without making one:
 * it is made once, for nobody, and found again by every later examination.
 */
export async function* examine(vault: DoctorParts, by: Actor, newKey: boolean): AsyncGenerator<Finding> {
  const steps = [databaseStep(vault, by), ...storeSteps(vault), ...(await keySteps(vault, by, newKey))];
  for (const { name, run } of steps) {
    try {
      yield { name, ok: true, detail: await run({ signal: vault.clock.deadline(STEP_MS) }) };
    } catch (error) {
      yield { name, ok: false, detail: whyOf(error) };
    }
  }
}

function databaseStep(vault: DoctorParts, by: Actor): Step {
  const run = async (request: Request): Promise<string> => {
    const object = { type: 'deployment', id: vault.settings.origin };
    const { receipts } = await vault.db.change(
      async () => ({ result: undefined, events: [event(DEPLOYMENT, by, 'doctor.ran', object, request)] }),
      request,
    );
    return `event ${receipts[0]?.seq ?? 0} of the deployment's log`;
  };
  return { name: 'database: append to the log', run };
}
