// Building blocks of schemas: times, texts, states; a JSON body, a reply, a page of a list.
import { z } from '@hono/zod-openapi';
import { isUtcTime } from '../../bytes/utc-time.ts';

export const time = z.iso.datetime();
export const text = z.string();

/** A time with any offset, as the UTC time that the vault stores. An offset can move it out of the years 0001 to 9999. */
export const anyTime = z.iso
  .datetime({ offset: true })
  .refine((given) => Number.isNaN(Date.parse(given)) || isUtcTime(new Date(given).toISOString()), 'time')
  .transform((given) => new Date(given).toISOString());

export const state = text.openapi({ description: 'lower case' });
export const ms = z.int().min(0);

/** Query parameters of a list: `most` and `usual` entries of a page. */
export const pages = (most: number, usual: number) => ({
  cursor: z.string().max(512).optional().openapi({ description: 'the `next_cursor` of the page before' }),
  limit: z.coerce.number().int().min(1).max(most).default(usual),
});

/** The id of a recording in a query or a body. */
export const recordingId = text.regex(/^rec_[0-9a-z]{26}$/, 'recording_id');

/** The id in a path. */
export const idParams = z.object({ id: text });

/** A required JSON body. */
export function jsonBody(schema: z.ZodType) {
  return { content: { 'application/json': { schema } }, required: true };
}

/** A required JSON merge patch (RFC 7396), also as plain JSON, which most clients send. */
export function mergePatchBody(schema: z.ZodType) {
  return { content: { 'application/merge-patch+json': { schema }, 'application/json': { schema } }, required: true };
}

/** An optional JSON body. */
export function optionalJsonBody(schema: z.ZodType) {
  return { content: { 'application/json': { schema } } };
}

/** A reply with a JSON body of this schema. */
export function jsonReply(description: string, schema: z.ZodType) {
  return { description, content: { 'application/json': { schema } } };
}

/** A page of a list, with further members. */
export function listOf(item: z.ZodType, beside: Readonly<Record<string, z.ZodType>> = {}): z.ZodType {
  return z.strictObject({ data: z.array(item), next_cursor: text.nullable(), ...beside });
}

export const endedSchema = z.strictObject({ id: text, state }).openapi('Ended');

export const revokedSchema = z
  .strictObject({
    data: z.array(endedSchema),
    more: z.boolean().openapi({ description: 'true where others are left: send the request again' }),
  })
  .openapi('Revoked');

/** How a log that is held differs from what was published of it. */
export const heldSchema = z.enum(['behind', 'fork']).openapi({
  description:
    'the log is held, because it has fewer events than were published (`behind`) or others (`fork`): it takes no event until an operator restores it',
});

export const problemSchema = z
  .strictObject({
    type: text,
    title: text,
    status: z.int(),
    detail: text.optional(),
    code: text.openapi({ description: 'one of a closed set, for programs' }),
    request_id: z.uuid(),
    retryable: z.boolean(),
    errors: z.array(z.strictObject({ pointer: text, detail: text })).optional(),
    checks: z.array(z.looseObject({ check: text, ok: z.boolean().nullable() })).optional(),
    call: z
      .strictObject({ source: text, call_id: text })
      .optional()
      .openapi({ description: 'the call in a sealed file that was opened and rejected' }),
    held: heldSchema.optional(),
  })
  .openapi('Problem', { description: 'RFC 9457' });
