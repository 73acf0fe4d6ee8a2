// The metrics checked by promtool: names, units, types and help.
import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import { measureProcess } from '../../src/main/process-metrics.ts';
import { needs } from '../support/needs.ts';
import { sharedVault } from '../support/vaults.ts';

const promtool = needs('promtool');

/** The findings of `promtool check metrics`; empty for none. */
function found(metrics: string): { readonly status: number | null; readonly said: string } {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: metrics, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}

describe.skipIf(!promtool.present)(`the metrics of the service ${promtool.reason}`, () => {
  const opened = sharedVault();

  it('pass promtool check metrics', async () => {
    const { vault, registry, measures } = opened;
    measureProcess(registry, '1.2.3');
    const app = createApp(vault, measures.answered, { limited: measures.limited });
    for (const path of ['/healthz', '/v1/recordings', '/openapi.json', '/nowhere']) await app.request(path);
    measures.failed('sweep', new Error('planted'));
    measures.limited('credentials');
    const text = await registry.metrics();
    for (const name of ['callvault_http_requests_total', 'process_cpu_seconds_total', 'nodejs_active_resources'])
      expect(text).toContain(`# HELP ${name} `);
    expect(text).toContain('callvault_build_info{version="1.2.3"} 1');
    expect(found(text)).toEqual({ status: 0, said: '' });
  });

  it('are really checked: it finds a gauge named like a counter', () => {
    const planted =
      '# HELP callvault_live_total Live sessions\n# TYPE callvault_live_total gauge\ncallvault_live_total 1\n';
    expect(found(planted)).toMatchObject({ status: 3, said: expect.stringContaining('callvault_live_total') });
  });
});
