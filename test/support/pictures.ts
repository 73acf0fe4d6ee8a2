// The folder for the pictures of the READMEs: the repository for `npm run pictures`, else a temporary folder.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The pictures in the READMEs. */
export const PICTURES = join(import.meta.dirname, '..', '..', 'docs', 'pictures');

/** A folder to write pictures to. */
export function pictureFolder(): string {
  return process.env['CALLVAULT_PICTURES'] === 'keep' ? PICTURES : mkdtempSync(join(tmpdir(), 'callvault-pictures-'));
}
