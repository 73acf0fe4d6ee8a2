// The doctor's steps for the seals of the logs: the signer, and checkpoints in a place besides the store.
import { logName } from '../../model/audit-event.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import { hasDuty } from '../core/process-role.ts';
import { verifiersOf } from '../core/proofs/verifier-keys.ts';
import type { RequestContext } from '../core/request-context.ts';
import { requireSignerOfAll } from '../sealing/signer-of-logs.ts';
import type { DoctorDeps, StepGroup, StepOutcome } from './step.ts';

const NOT_SEALED = 'CALLVAULT_SIGNER is not set: anyone who can write the database can forge a log that passes';
const NOT_COMPARED = 'CALLVAULT_SIGNER is not set: this process does not compare the logs with what was published';
const PUBLIC_ONLY = 'CALLVAULT_SIGNER names a public key: this process seals no log';
const NOT_ANCHORED =
  'CALLVAULT_ANCHOR is not set: anyone who can write database and store, and has the signer, can rewrite the logs. Best in another account, or on another machine';

/** The steps for sealing: of a process, or of an operator's command, which seals nothing. */
export function logSteps(vault: DoctorDeps, use: 'process' | 'command'): StepGroup {
  const { signer, anchor, settings } = vault;
  const seals = use === 'process' && hasDuty(settings.role, 'settle');
  const seal = async (request: RequestContext): Promise<StepOutcome> => {
    if (signer === null) return { warning: seals ? NOT_SEALED : NOT_COMPARED };
    await requireSignerOfAll({ ...vault, signer }, request);
    if (seals && !signer.signs) return { warning: PUBLIC_ONLY };
    return `verifier key ${verifiersOf(signer, logName(settings.origin, DEPLOYMENT)).join(' and ')}`;
  };
  const keep = async (request: RequestContext): Promise<StepOutcome> => {
    if (signer === null) return { skipped: 'there is no signer' };
    if (anchor === null) return { warning: NOT_ANCHORED };
    const names = await anchor.store.first(anchor.location, `${logName(settings.origin, DEPLOYMENT)}/`, 1, request);
    return names.length > 0 ? 'it has checkpoints' : 'it has no checkpoint yet';
  };
  return {
    name: 'seals',
    steps: [
      { name: 'compare the signer with the logs', run: seal },
      { name: 'read the anchor', run: keep },
    ],
  };
}
