// Modules that a command loads, read from V8 coverage of its process.
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { binOf } from '../support/run-callvault.ts';

const folder = mkdtempSync(join(tmpdir(), 'callvault-loading-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Files that the process loaded that wrote its coverage to the folder. */
function loaded(coverage: string): string[] {
  return readdirSync(coverage).flatMap((file) => {
    const { result } = JSON.parse(readFileSync(join(coverage, file), 'utf8')) as { result: { url: string }[] };
    return result.map(({ url }) => url);
  });
}

describe('a command', () => {
  it('loads no package of other engines and no HTTP service over SQLite, a folder and a keyring', async () => {
    const coverage = join(folder, 'coverage');
    mkdirSync(coverage);
    const run = binOf(folder, { NODE_V8_COVERAGE: coverage });
    expect(await run('tenants', 'list')).toEqual({ code: 0, out: '', err: '' });
    const urls = loaded(coverage);
    expect(urls.some((url) => url.includes('/node_modules/better-sqlite3/'))).toBe(true);
    const other = /\/node_modules\/(@aws-sdk|@smithy|@simplewebauthn|pg|hono|@hono|pino)\/|\/dist\/src\/(http|main)\b/;
    expect(urls.filter((url) => other.test(url))).toEqual([]);
  });
});
