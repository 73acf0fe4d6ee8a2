// Schema of texts that people write for others: visible, and without control characters.
import type { z } from '@hono/zod-openapi';

/**
 * Accepts well-formed text that is not invisible and has no control characters except tabs and line ends. Its messages are
 * keys of the catalogue of validation.
 */
export function readableText(text: z.ZodString): z.ZodString {
  return (
    text
      .refine((value) => /[^\p{C}\p{Z}]/u.test(value), 'empty')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern rejects control characters
      .refine((value) => !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(value), 'control_character')
      .refine((value) => !/\p{Surrogate}/u.test(value), 'not_unicode')
  );
}
