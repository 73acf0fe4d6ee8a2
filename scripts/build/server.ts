// Build of the service and its commands: a few files under dist/server, so that a process reads few files when it starts.
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type OutputChunk, type OutputOptions, rolldown } from 'rolldown';
import { thisPackage } from '../../src/cli/support/this-package.ts';
import { licencesOf } from './licences.ts';

const TOP = thisPackage().folder;

/** Packages with native code, WebAssembly or files of their own: Node loads them from node_modules. */
const SEPARATE = ['better-sqlite3', 'pkcs11js', 'mpg123-decoder', 'opus-decoder'];

/** Programs, which share what more than one of them needs. */
const PROGRAMS = {
  cli: 'src/cli/cli.ts',
  demo: 'scripts/demo/demo.ts',
  'on-engines': 'scripts/demo/on-engines.ts',
  serve: 'scripts/demo/serve.ts',
};

/** Worker threads. Each is one file: a thread with a small heap must not load what the programs share. */
const WORKERS = {
  'checkpoint-worker': 'src/adapters/sql/checkpoint-worker.ts',
  'decoder-worker': 'src/adapters/media/decoder-worker.ts',
  'file-worker': 'src/adapters/local/file-worker.ts',
  'token-worker': 'src/adapters/pkcs11/token-worker.ts',
};

/** What most programs and commands load: without groups, each set of commands that shares sources has a file of them. */
const SHARED = [{ name: 'common', test: /\/src\/(?:bytes|envelope)\/|\/src\/errors\.ts$/ }];

/** Writes everything to the folder `out`, which it empties first. */
export async function buildServer(out: string): Promise<void> {
  await rm(out, { recursive: true, force: true });
  const chunks = await bundle(out, PROGRAMS, { advancedChunks: { groups: SHARED } });
  for (const [name, file] of Object.entries(WORKERS)) {
    chunks.push(...(await bundle(out, { [name]: file }, { codeSplitting: false })));
  }
  const modules = chunks.flatMap((chunk) => Object.entries(chunk.modules));
  const bundled = modules.filter(([, { renderedLength }]) => renderedLength > 0).map(([file]) => file);
  await writeFile(join(out, 'LICENCES.txt'), await licencesOf(bundled));
}

async function bundle(dir: string, input: Record<string, string>, own: OutputOptions): Promise<OutputChunk[]> {
  const build = await rolldown({
    cwd: TOP,
    input,
    platform: 'node',
    external: SEPARATE,
    // pg asks for this package and does without it.
    onLog: (level, log, handle) => {
      if (log.code === 'UNRESOLVED_IMPORT' && /pg-native/.test(log.message)) return;
      handle(level === 'warn' ? 'error' : level, log);
    },
  });
  const { output } = await build.write({
    dir,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
    // A string with any other character takes two bytes a character in memory, and a file is one string.
    charset: 'ascii',
    comments: { legal: true, annotation: false, jsdoc: false },
    sourcemap: true,
    sourcemapExcludeSources: true,
    ...own,
  });
  await build.close();
  return output.filter((part) => part.type === 'chunk');
}

const { out } = parseArgs({ options: { out: { type: 'string', default: join(TOP, 'dist/server') } } }).values;
await buildServer(out);
