// If-Match and ETag of resources whose rows have versions (RFC 9110, sections 8.8.3 and 13.1.1).
import { VaultError } from '../errors.ts';

const TAG = /(?:W\/)?"[\x21\x23-\x7e]*"/;
const TAGS = new RegExp(`^${TAG.source}(?:[ \\t]*,[ \\t]*${TAG.source})*$`);

/** The header in the API document. */
export const IF_MATCH = {
  name: 'If-Match',
  in: 'header',
  required: true,
  description: 'The ETag of what was read: a change that was made since is not overwritten. `*` is not accepted.',
  schema: { type: 'string', maxLength: 1024 },
} as const;

/** The ETag in the API document. */
export const ETAG = {
  ETag: { description: 'of the version that If-Match names in a change', schema: { type: 'string' } },
} as const;

/** The ETag of a version, as a reply's header. */
export function etagOf(version: number): { readonly etag: string } {
  return { etag: `"${version}"` };
}

/**
 * The versions that an If-Match names. A weak tag names none: it never matches. Throws `precondition_required` without
 * the header and for `*`, which names no version; `malformed`.
 */
export function versionsIn(header: string | undefined): readonly number[] {
  const text = header?.trim() ?? '';
  if (text === '' || text === '*')
    throw new VaultError('precondition_required', 'If-Match must be an ETag that you read');
  if (text.length > 1024 || !TAGS.test(text))
    throw new VaultError('malformed', 'If-Match is not valid', {
      fields: [{ pointer: 'If-Match', detail: 'must be an ETag' }],
    });
  return [...text.matchAll(/(?<!W\/)"(\d{1,15})"/g)].map(([, version]) => Number(version));
}
