#!/usr/bin/env node
// The bin: from a checkout it runs the TypeScript sources through tsx, from a package what `npm run build` made.
import { existsSync } from 'node:fs';

const sources = new URL('../src/', import.meta.url);
const here = existsSync(sources);
if (here) {
  const { register } = await import('tsx/esm/api');
  register();
}
const { run } = await import(here ? './cli.ts' : '../dist/scripts/cli.js');
await run();
