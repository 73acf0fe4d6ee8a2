// The relay's systemd unit: systemd verifies it, and it is as closed as the service's.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { TOP, textOf } from './documents.ts';

const unit = textOf('docs/recipes/callvault-relay.service');
const systemd = needs('systemd-analyze');

describe.skipIf(!systemd.present)(`docs/recipes/callvault-relay.service ${systemd.reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-unit-'));
  const file = join(folder, 'callvault-relay.service');
  const analyze = (...args: string[]) => spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' });

  beforeAll(() => {
    // The unit expects the relay under /opt, which this machine lacks.
    writeFileSync(file, unit.replace('/usr/bin/node /opt/callvault', `${process.execPath} ${TOP}`));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is verified by systemd without a warning', () => {
    expect(analyze('verify', '--man=no')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('has a low exposure level', () => {
    const { stdout } = analyze('security', '--offline=true', '--no-pager');
    const [, exposure] = /exposure level for callvault-relay\.service: (\d+\.\d)/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(1.9);
  });
});

describe("the relay's unit", () => {
  it('dumps no core, is not swapped, and contains no secret', () => {
    expect(unit).toMatch(/^LimitCORE=0$/m);
    expect(unit).toMatch(/^MemorySwapMax=0$/m);
    expect(unit).not.toMatch(/cv_|password|secret/i);
  });

  it('has the settings of the service that close it', () => {
    const settings = (text: string): string[] =>
      text.match(
        /^(?:Protect|Private|Restrict|SystemCall|Lock|NoNew|Capab|Ambient|Keyring|RemoveIPC|ProcSubset).*$/gm,
      ) ?? [];
    const missing = settings(textOf('docs/operations/callvault.service')).filter(
      (line) => !settings(unit).includes(line),
    );
    // Its user belongs to a group of the PBX, which a private view of users would hide.
    expect(missing).toEqual(['PrivateUsers=yes']);
  });
});
