// Rows of a proposed change of people.
import { z } from '@hono/zod-openapi';
import { MAX_PERSON_NAME } from '../../model/change/people.ts';
import { readableText } from '../readable-text.ts';

/** A role that a person of a tenant can have. */
export const personRole = z.enum(['reviewer', 'supervisor', 'privacy', 'auditor', 'admin']);
const roles = z.array(personRole).min(1).max(7);
const trainedUntil = z
  .string()
  .max(10)
  .nullable()
  .optional()
  .openapi({ description: 'the last day on which the training counts, such as 2027-03-31; null: none is recorded' });
const newPerson = z.strictObject({
  name: readableText(z.string().trim().min(1).max(MAX_PERSON_NAME)),
  roles,
  trained_until: trainedUntil,
});
const changedPerson = z.strictObject({
  id: z.string().max(64).openapi({ description: 'of a person of the tenant; absent members stay unchanged' }),
  roles: roles.optional(),
  trained_until: trainedUntil,
  state: z.literal('active').optional().openapi({ description: 'brings back a person who was deactivated' }),
});

/** A person to add, or one of the tenant to change. */
export const personRow = z.union([newPerson, changedPerson]);
