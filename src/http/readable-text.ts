// Schema of texts that people write for others: visible, and without control characters.
import type { z } from '@hono/zod-openapi';
import { hasControlCharacter, isVisible } from '../model/visible-text.ts';

/**
 * Accepts well-formed text that is not invisible and has no control characters except tabs and line ends. Its messages are
 * keys of the catalogue of validation.
 */
export function readableText(text: z.ZodString): z.ZodString {
  return text
    .refine(isVisible, 'empty')
    .refine((value) => !hasControlCharacter(value), 'control_character')
    .refine((value) => !/\p{Surrogate}/u.test(value), 'not_unicode');
}
