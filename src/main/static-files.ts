// Static files, read once at start: the console and the API documentation page.
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip as zip } from 'node:zlib';
import type { Asset, ConsoleFiles } from '../http/console.ts';

const gzip = promisify(zip);

/** Formats that are already compressed, mainly fonts. */
const WORTH_IT = 0.9;

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
};

/** The console that `npm run build` put into the package in this folder; null without one. Throws for an unknown type. */
export async function consoleFiles(top: string): Promise<ConsoleFiles | null> {
  const folder = join(top, 'dist/console');
  const page = await readFile(join(folder, 'index.html'), 'utf8').catch(() => null);
  if (page === null) return null;
  const assets = new Map<string, Asset>();
  for (const name of await readdir(join(folder, 'assets'))) {
    const type = TYPES[extname(name)];
    if (type === undefined) throw new Error('the built console has a file of unknown type');
    const bytes = new Uint8Array(await readFile(join(folder, 'assets', name)));
    assets.set(name, { type, bytes, gzip: once(() => compressed(bytes)) });
  }
  return { page, assets };
}

async function compressed(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer> | null> {
  const zipped = new Uint8Array(await gzip(bytes));
  return zipped.length < bytes.length * WORTH_IT ? zipped : null;
}

/** The result of `make`, which runs when it is first wanted: compressing the whole console would delay the start. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => {
    made ??= make();
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
}

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
