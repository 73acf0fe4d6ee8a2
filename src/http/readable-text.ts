// What people write for others to read: something that can be seen, and nothing that acts on where it is shown.
import type { z } from '@hono/zod-openapi';

/** The text, where it is well-formed, has no control characters but tabs and line ends, and is not invisible. */
export function readableText(text: z.ZodString): z.ZodString {
  return (
    text
      .refine((said) => /[^\p{C}\p{Z}]/u.test(said), 'must not be empty')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused here
      .refine((said) => !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/.test(said), 'has a control character')
      .refine((said) => !/\p{Surrogate}/u.test(said), 'is not well-formed Unicode')
  );
}
