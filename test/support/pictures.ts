// Where the pictures of the READMEs go: into the repository by `npm run pictures`, else where nobody keeps them.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The pictures that the READMEs show. */
export const PICTURES = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

/** A folder to write pictures to. */
export function pictureFolder(): string {
  return process.env['CALLVAULT_PICTURES'] === 'keep' ? PICTURES : mkdtempSync(join(tmpdir(), 'callvault-pictures-'));
}
