// The files of the page at /docs, from the package that has them; read when they are first asked for, and kept.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const kept = new Map<string, Promise<Uint8Array>>();

/** A file of swagger-ui-dist. */
export function docsFile(name: 'swagger-ui.css' | 'swagger-ui-bundle.js'): Promise<Uint8Array> {
  const known = kept.get(name);
  if (known !== undefined) return known;
  const folder = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
  const read = readFile(join(folder, name));
  kept.set(name, read);
  read.catch(() => kept.delete(name));
  return read;
}
