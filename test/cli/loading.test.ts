// What a process loads: the files of the build, and the packages whose code is in them, read from V8 coverage of the process.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { startServer } from '../support/fault-deployment.ts';
import { binOf } from '../support/run-callvault.ts';
import { environmentOf } from '../support/vault.ts';

const folder = mkdtempSync(join(tmpdir(), 'callvault-loading-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files that a process loaded, and the sources that they were built of: packages by name, and paths under `src`. */
type Loaded = { readonly files: readonly string[]; readonly sources: ReadonlySet<string> };

/** What the process loaded that wrote its coverage to this folder. */
function loaded(coverage: string): Loaded {
  const urls = readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url).filter((url) => url.startsWith('file:'));
  });
  const files = [...new Set(urls.map((url) => fileURLToPath(url)))];
  const sources = files.flatMap((file) => (/\/dist\/server\/[^/]+$/.test(file) ? sourcesIn(`${file}.map`) : [file]));
  return { files, sources: new Set(sources.map(nameOf)) };
}

/** The paths in a source map, which are relative to it. A file without one has only the bundler's own code. */
function sourcesIn(map: string): readonly string[] {
  if (!existsSync(map)) return [];
  const { sources } = JSON.parse(readFileSync(map, 'utf8')) as { readonly sources: readonly string[] };
  return sources.map((path) => resolve(dirname(map), path));
}

/** The package of a source, or its path under `src`. */
function nameOf(path: string): string {
  return /.*\/node_modules\/((?:@[^/]+\/)?[^/.][^/]*)\//.exec(path)?.[1] ?? /\bsrc\/.*/.exec(path)?.[0] ?? path;
}

/** Names of `sources` that match. */
function among({ sources }: Loaded, pattern: RegExp): string[] {
  return [...sources].filter((name) => pattern.test(name)).sort();
}

async function afterCommand(name: string, ...args: readonly string[]): Promise<Loaded> {
  const coverage = join(folder, name);
  mkdirSync(coverage);
  const run = binOf(folder, { NODE_V8_COVERAGE: coverage });
  expect(await run(...args)).toMatchObject({ code: 0, err: '' });
  return loaded(coverage);
}

/** Packages of other engines, of the HTTP service, and of what few processes ever do. */
const OTHER_ENGINES = /^(@aws-sdk|@aws|@smithy)\/|^(pg|pg-.*|bowser|pkcs11js)$|^src\/adapters\/(aws|pkcs11)\//;
const RARE = /^(@simplewebauthn|@peculiar)\/|^(asn1js|mpg123-decoder|opus-decoder|swagger-ui-dist|@clack\/prompts)$/;
const SERVICE = /^(hono|@hono\/.*|pino|@asteasolutions\/.*|libphonenumber-js)$|^src\/(http|main)\b/;
// Not zod: commands that decide read the policy, whose shape it checks.
const ENGINES = /^(better-sqlite3|kysely|prom-client)$|^src\/(compose|config|adapters\/.*)\.ts$/;

describe('a command', () => {
  it('loads no package of other engines and no HTTP service over SQLite, a folder and a keyring', async () => {
    const found = await afterCommand('list', 'tenants', 'list');
    expect(among(found, /^(better-sqlite3|kysely)$|^src\/cli\/tenants\.ts$/)).toHaveLength(3);
    expect(among(found, OTHER_ENGINES)).toEqual([]);
    expect(among(found, RARE)).toEqual([]);
    expect(among(found, /^(hono|@hono\/.*|pino)$|^src\/(http|main)\b/)).toEqual([]);
  });

  it('loads no engine to print its help', async () => {
    const found = await afterCommand('help', '--help');
    expect(among(found, /^commander$|^src\/cli\/(tenants|serve)\.ts$/)).toHaveLength(3);
    for (const unneeded of [ENGINES, OTHER_ENGINES, RARE, SERVICE]) expect(among(found, unneeded)).toEqual([]);
  });
});

describe('the service over SQLite, a folder and a keyring', () => {
  it('loads a few files, and nothing of other engines or for a later use', async () => {
    const coverage = join(folder, 'serve');
    mkdirSync(coverage);
    const env = { ...environmentOf(folder), CALLVAULT_URL: 'http://localhost:8787', NODE_V8_COVERAGE: coverage };
    const server = await startServer({ env });
    server.signal('SIGTERM');
    expect(await server.ended()).toBe(0);
    const found = loaded(coverage);
    expect(among(found, /^(hono|pino)$|^src\/(main|http\/app|adapters\/webauthn\/passkeys)\.ts$/)).toHaveLength(5);
    expect(among(found, OTHER_ENGINES)).toEqual([]);
    expect(among(found, RARE)).toEqual([]);
    // Each source would be a file otherwise: more than 1,000.
    expect(found.files.length).toBeLessThan(160);
  });
});
