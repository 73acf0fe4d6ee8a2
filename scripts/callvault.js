#!/usr/bin/env node
// The bin: from a checkout it runs the TypeScript sources through tsx, elsewhere what `npm run build` made.
import { existsSync } from 'node:fs';

const sources = existsSync(new URL('../src/', import.meta.url));
const register = sources ? await loaderOfSources() : null;
register?.();
if (register === null && !existsSync(new URL('../dist/scripts/cli.js', import.meta.url))) {
  process.stderr.write('callvault: it is not built; run npm ci && npm run build first\n');
  process.exit(1);
}
const { run } = await import(register === null ? '../dist/scripts/cli.js' : './cli.ts');
await run();

/** What lets Node run TypeScript; null where development packages are not installed. */
async function loaderOfSources() {
  try {
    return (await import('tsx/esm/api')).register;
  } catch (error) {
    if (error.code === 'ERR_MODULE_NOT_FOUND') return null;
    throw error;
  }
}
