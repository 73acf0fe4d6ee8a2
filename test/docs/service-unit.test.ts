// The systemd unit: systemd verifies it, and it matches the page about running.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { TOP, textOf } from './documents.ts';

const unit = textOf('docs/operations/callvault.service');
const valuesOf = (name: string) => [...unit.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value);

const systemd = needs('systemd-analyze');

describe.skipIf(!systemd.present)(`docs/operations/callvault.service ${systemd.reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-unit-'));
  const file = join(folder, 'callvault.service');
  const analyze = (...args: string[]) => spawnSync('systemd-analyze', [...args, file], { encoding: 'utf8' });

  beforeAll(() => {
    // The unit expects an installation under /opt, which this machine lacks.
    writeFileSync(file, unit.replace('/usr/bin/node /opt/callvault', `${process.execPath} ${TOP}`));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is verified by systemd without a warning', () => {
    expect(analyze('verify', '--man=no')).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });

  it('has a low exposure level', () => {
    const { stdout } = analyze('security', '--offline=true', '--no-pager');
    const [, exposure] = /exposure level for callvault\.service: (\d+\.\d)/.exec(stdout) ?? [];
    expect(Number(exposure)).toBeGreaterThan(0);
    expect(Number(exposure)).toBeLessThanOrEqual(1.5);
  });
});

describe('the unit', () => {
  it('dumps no core, is not swapped, and waits longer than the service needs to drain', () => {
    expect(valuesOf('LimitCORE')).toEqual(['0']);
    expect(valuesOf('MemorySwapMax')).toEqual(['0']);
    const [, drain] = /^const DRAIN_MS = ([\d_]+);$/m.exec(textOf('src/main.ts')) ?? [];
    const stop = Number(/^(\d+)s$/.exec(valuesOf('TimeoutStopSec')[0] ?? '')?.[1]) * 1000;
    expect(stop).toBeGreaterThan(Number(drain?.replaceAll('_', '')) + 5_000);
  });

  it('sets the same malloc variables as the image', () => {
    const malloc = (text: string) => [...text.matchAll(/MALLOC_[A-Z_]+=\d+/g)].map(([found]) => found);
    expect(malloc(unit).length).toBe(2);
    expect(malloc(unit)).toEqual(malloc(textOf('Dockerfile')));
  });

  it('receives the root key as a credential and contains no secret', () => {
    expect(valuesOf('LoadCredential')).toEqual(['root.key:/etc/callvault/root.key']);
    expect(valuesOf('Environment').filter((text) => /password|secret|:\/\/[^/]*:/i.test(text ?? ''))).toEqual([]);
  });
});
