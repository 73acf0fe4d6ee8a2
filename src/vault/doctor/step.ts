// One step of the doctor, what can come of it, and what the doctor needs of the vault.
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** What there is to say of a step that nothing stood in the way of: that it is done, that it is odd, that it was not tried. */
export type StepOutcome = string | { readonly warning: string } | { readonly skipped: string };

/** One thing that is done. It throws what stood in the way. */
export type Step = { readonly name: string; readonly run: (request: RequestContext) => Promise<StepOutcome> };

/** Steps over one thing that the vault stands on, in order: later ones use what earlier ones left. */
export type StepGroup = { readonly name: string; readonly steps: readonly Step[] };

export type DoctorDeps = Pick<
  Vault,
  'db' | 'store' | 'keys' | 'clock' | 'settings' | 'metadataKeys' | 'tenantKeks' | 'probes'
>;

/** Whose the doctor's own blobs and key are: a tenant that nobody is, by a name that policies for tenants let pass. */
export const DOCTOR_TENANT = `ten_${'0'.repeat(26)}`;
