// One step of the doctor, what can come of it, and what the doctor needs of the vault.
import type { Request } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** What there is to say of a step that nothing stood in the way of: that it is done, that it is odd, that it was not tried. */
export type Said = string | { readonly warning: string } | { readonly skipped: string };

/** One thing that is done. It throws what stood in the way. */
export type Step = { readonly name: string; readonly run: (request: Request) => Promise<Said> };

/** Steps over one thing that the vault stands on, in order: later ones use what earlier ones left. */
export type Part = { readonly name: string; readonly steps: readonly Step[] };

export type DoctorParts = Pick<
  Vault,
  'db' | 'store' | 'keys' | 'clock' | 'settings' | 'metadataKeys' | 'tenantKeks' | 'probes'
>;

/** Whose the doctor's own blobs and key are: a tenant that nobody is, by a name that policies for tenants let pass. */
export const NOBODY = `ten_${'0'.repeat(26)}`;
