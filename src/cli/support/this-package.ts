// This package: its folder and its version.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The package's folder, which contains package.json and `dist`, and its version. */
export type ThisPackage = { readonly folder: string; readonly version: string };

/** The package of this module: the nearest package.json above it, wherever the build put the module. */
export function thisPackage(): ThisPackage {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string };
  return { folder, version };
}
