// `callvault --version`, from the sources and from the build.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOP } from '../docs/documents.ts';
import { runCallvault } from '../support/run-callvault.ts';
import { runProgram } from '../support/run-program.ts';

const { version } = JSON.parse(readFileSync(join(TOP, 'package.json'), 'utf8')) as { version: string };

describe('callvault', () => {
  it.each(['--version', '-V'])('%s prints the version of the package, without any configuration', async (option) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
    expect(await runCallvault({}, option)).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('--version does so from a checkout', async () => {
    const args = [join(TOP, 'scripts/callvault.js'), '--version'];
    expect(await runProgram(process.execPath, args, { cwd: '/', env: {} })).toEqual({
      code: 0,
      out: `${version}\n`,
      err: '',
    });
  });

  it.each(['constructor', 'toString', 'no-such-command'])('rejects the unknown command %s', async (word) => {
    const { code, err } = await runCallvault({}, word);
    expect(err).toContain(`unknown command '${word}'`);
    expect(code).toBe(2);
  });
});
