// Build of the relay: one file that Node runs in an empty folder, with the licences of the code in it at its end.
import { appendFile, rm } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { thisPackage } from '../../src/cli/support/this-package.ts';
import { licencesOf } from './licences.ts';

const TOP = thisPackage().folder;
const NAME = 'callvault-relay.js';

/** Writes the file into the folder `out`, which it empties first. Throws for an import that would stay outside of it. */
export async function buildRelay(out: string): Promise<void> {
  await rm(out, { recursive: true, force: true });
  const build = await rolldown({
    cwd: TOP,
    input: 'src/relay/callvault-relay.ts',
    platform: 'node',
    onLog: (level, log, handle) => handle(level === 'warn' ? 'error' : level, log),
  });
  const { output } = await build.write({
    dir: out,
    format: 'esm',
    codeSplitting: false,
    entryFileNames: NAME,
    charset: 'ascii',
    comments: { legal: true, annotation: false, jsdoc: false },
  });
  await build.close();
  const chunks = output.filter((part) => part.type === 'chunk');
  const outside = chunks.flatMap(({ imports, dynamicImports }) => [...imports, ...dynamicImports]);
  const packages = outside.filter((name) => !isBuiltin(name));
  if (output.length !== 1 || packages.length > 0) throw new Error(`the relay is not one file: ${packages.join(', ')}`);
  const modules = chunks.flatMap((chunk) => Object.entries(chunk.modules));
  const bundled = modules.filter(([, { renderedLength }]) => renderedLength > 0).map(([file]) => file);
  const licences = (await licencesOf(bundled)).trim().split('\n');
  await appendFile(join(out, NAME), `\n${licences.map((line) => `// ${line}`.trimEnd()).join('\n')}\n`);
}

const { out } = parseArgs({ options: { out: { type: 'string', default: join(TOP, 'dist/relay') } } }).values;
await buildRelay(out);
