// The invalid members of an input.
import type { FieldError } from '../errors.ts';

/** What a schema of zod found in an input. */
type Issue = { readonly code: string; readonly path: readonly PropertyKey[]; readonly message: string };

/** The errors of a schema, by the member's pointer below `under`. They name no unknown member: its name may be personal. */
export function fieldErrorsOf(issues: readonly Issue[], under = ''): FieldError[] {
  return issues.map(({ code, path, message }) => ({
    pointer: [under, ...path.map(String)].join('/') || '/',
    detail: code === 'unrecognized_keys' ? 'has an unknown member' : message,
  }));
}
