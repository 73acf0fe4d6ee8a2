// Forms of single variables.
import { z } from 'zod';

/** The files of the signing keys: one, or the old and the new one while the key is being replaced. */
export const signers = z.string().transform((text, context) => {
  const paths = text.split(',').map((path) => path.trim());
  if (paths.length <= 2 && paths.every((path) => path !== '')) return paths;
  context.addIssue({ code: 'custom', message: 'must be one file, or two with a comma between them' });
  return z.NEVER;
});

/** Whole days. Empty is none of them: it would say that no backups are kept. */
export const days = z
  .string()
  .regex(/^\d{1,5}$/, 'must be a whole number of days, 0 to 99999')
  .transform(Number);
