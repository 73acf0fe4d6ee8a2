// What replies are made of: a time, a text, a state, milliseconds; a reply, a page of a list, something that is over.
import { z } from '@hono/zod-openapi';

export const time = z.iso.datetime();
export const text = z.string();
export const state = text.openapi({ description: 'lower case' });
export const ms = z.int().min(0);

/** A reply with a JSON body of this schema. */
export function replying(description: string, schema: z.ZodType) {
  return { description, content: { 'application/json': { schema } } };
}

/** A page of a list. */
export function listOf(item: z.ZodType): z.ZodType {
  return z.strictObject({ data: z.array(item), next_cursor: text.nullable() });
}

export const endedSchema = z.strictObject({ id: text, state }).openapi('Ended');
