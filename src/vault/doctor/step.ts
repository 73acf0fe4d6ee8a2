// A step of the doctor, its outcomes, and what the doctor needs of the vault.
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** The outcome of a step that did not fail: a detail, a warning, or the reason for skipping it. */
export type StepOutcome = string | { readonly warning: string } | { readonly skipped: string };

/** One call to try. It throws where the call fails. */
export type Step = { readonly name: string; readonly run: (request: RequestContext) => Promise<StepOutcome> };

/** Steps for one dependency, in order: later steps use what earlier ones created. */
export type StepGroup = { readonly name: string; readonly steps: readonly Step[] };

export type DoctorDeps = Pick<
  Vault,
  | 'db'
  | 'store'
  | 'anchor'
  | 'signer'
  | 'keys'
  | 'clock'
  | 'settings'
  | 'metadataKeys'
  | 'tenantKeks'
  | 'ingestKeys'
  | 'probes'
>;

/** The tenant id of the doctor's blobs and test key. No tenant has it, and policies for tenants match it. */
export const DOCTOR_TENANT = `ten_${'0'.repeat(26)}`;
