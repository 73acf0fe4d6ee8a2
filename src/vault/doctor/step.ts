// One step of the doctor, and what it needs of the vault.
import type { Request } from '../request.ts';
import type { Vault } from '../vault.ts';

/** One thing that is done. It returns what there is to say, or throws what stood in the way. */
export type Step = { readonly name: string; readonly run: (request: Request) => Promise<string> };

/** Whose the doctor's own blobs and key are: a tenant that nobody is, by a name that policies for tenants let pass. */
export const NOBODY = `ten_${'0'.repeat(26)}`;

export type DoctorParts = Pick<Vault, 'db' | 'store' | 'keys' | 'clock' | 'settings' | 'metadataKeys'>;
