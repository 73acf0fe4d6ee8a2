#!/usr/bin/env node
// Executable: runs the build, or in a checkout with newer sources runs those through tsx.
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const TOP = fileURLToPath(new URL('..', import.meta.url));
const BUILT = join(TOP, 'dist/server/cli.js');

const register = isBuilt() ? null : await loaderOfSources();
register?.();
if (register === null && !existsSync(BUILT)) {
  process.stderr.write('callvault: not built yet; run npm ci && npm run build first\n');
  process.exit(1);
}
const { run } = await import(register === null ? '../dist/server/cli.js' : '../src/cli/cli.ts');
await run();

/** Whether the build exists and no source is newer. A package has no sources. */
function isBuilt() {
  if (!existsSync(BUILT)) return false;
  const built = statSync(BUILT).mtimeMs;
  for (const folder of ['src', 'scripts'].map((name) => join(TOP, name))) {
    if (folder.endsWith('src') && !existsSync(folder)) return true;
    for (const file of readdirSync(folder, { recursive: true })) {
      if (file.endsWith('.ts') && statSync(join(folder, file)).mtimeMs > built) return false;
    }
  }
  return true;
}

/** Loader that lets Node run TypeScript; null where development packages are not installed. */
async function loaderOfSources() {
  try {
    return (await import('tsx/esm/api')).register;
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
