// The API's document in tools: Redocly's and Spectral's recommended rules, and a client's types.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Spectral } from '@stoplight/spectral-core';
import { oas } from '@stoplight/spectral-rulesets';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../support/run-program.ts';
import { makeWorld } from '../support/world.ts';
import { TOP } from './documents.ts';

let folder: string;
let document: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'callvault-openapi-'));
  const world = await makeWorld();
  document = await (await world.call('GET', '/openapi.json')).text();
  await world.end();
  writeFileSync(join(folder, 'openapi.json'), document);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The document with one thing changed. */
function changed(change: (paths: Record<string, Record<string, Record<string, unknown>>>) => void): string {
  const copy = JSON.parse(document) as { paths: Record<string, Record<string, Record<string, unknown>>> };
  change(copy.paths);
  return JSON.stringify(copy);
}

const withoutId = (): string => changed((paths) => delete paths['/v1/me']?.['get']?.['operationId']);

describe('Redocly’s recommended rules', () => {
  type Report = { readonly problems: readonly { readonly ruleId: string; readonly message: string }[] };

  async function problemsOf(text: string): Promise<readonly string[]> {
    const path = join(folder, 'linted.json');
    writeFileSync(path, text);
    const cli = join(TOP, 'node_modules/@redocly/cli/bin/cli.js');
    const args = [cli, 'lint', path, '--extends=recommended', '--format=json'];
    const env = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true', HOME: folder };
    const { out, err } = await runProgram(process.execPath, args, { cwd: folder, env });
    const start = out.indexOf('{');
    if (start === -1) throw new Error(`no report: ${out}${err}`);
    const { problems } = JSON.parse(out.slice(start, out.lastIndexOf('}') + 1)) as Report;
    return problems.map(({ ruleId, message }) => `${ruleId}: ${message}`);
  }

  it('are kept, without a warning', async () => {
    expect(await problemsOf(document)).toEqual([]);
  });

  it('find an operation without a name', async () => {
    expect((await problemsOf(withoutId())).join()).toContain('operation-operationId');
  });
});

describe('Spectral’s recommended rules', () => {
  async function resultsOf(text: string): Promise<readonly string[]> {
    const spectral = new Spectral();
    spectral.setRuleset({ extends: [[oas as never, 'recommended']] });
    const results = await spectral.run(text);
    return results.map(({ code, path, message }) => `${code} ${path.join('/')}: ${message}`);
  }

  it('are kept, without a hint', async () => {
    expect(await resultsOf(document)).toEqual([]);
  });

  it('find an operation without a name', async () => {
    expect((await resultsOf(withoutId())).join()).toContain('operation-operationId');
  });
});

describe('a client’s types', () => {
  const CLIENT = `import type { components, operations, paths } from './api';

type Json<T> = T extends { content: { 'application/json': infer Body } } ? Body : never;

export const recording = (body: Json<operations['getRecording']['responses'][200]>): string => body.id;
export const state = (body: components['schemas']['SessionView']): 'live' | 'ended' => body.state;
export const heard = (body: components['schemas']['SessionView']): [number, number] | undefined => body.heard[0];
export const stored = (body: Json<paths['/v1/ingest/{source}/{callId}']['put']['responses'][201]>): number => body.size;
`;

  /** tsc's output for the types and a program over them. */
  async function compiled(client: string): Promise<string> {
    const into = mkdtempSync(join(folder, 'types-'));
    mkdirSync(into, { recursive: true });
    const cli = join(TOP, 'node_modules/openapi-typescript/bin/cli.js');
    const made = await runProgram(process.execPath, [
      cli,
      join(folder, 'openapi.json'),
      '--output',
      join(into, 'api.d.ts'),
    ]);
    if (made.code !== 0) throw new Error(made.out + made.err);
    expect(readFileSync(join(into, 'api.d.ts'), 'utf8')).toContain('ingestCall');
    writeFileSync(join(into, 'client.ts'), client);
    const flags = [
      ...['--noEmit', '--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noImplicitOverride'],
      ...[
        '--noPropertyAccessFromIndexSignature',
        '--skipLibCheck',
        'false',
        '--target',
        'es2023',
        '--module',
        'preserve',
      ],
      ...['--types', ''],
    ];
    const tsc = join(TOP, 'node_modules/typescript/bin/tsc');
    const { code, out } = await runProgram(process.execPath, [tsc, ...flags, 'client.ts'], { cwd: into });
    return code === 0 ? '' : out;
  }

  it('are generated by openapi-typescript and compile in strict mode', async () => {
    expect(await compiled(CLIENT)).toBe('');
  });

  it('reject a member that does not exist', async () => {
    expect(await compiled(CLIENT.replace('body.size', 'body.weight'))).toContain("'weight' does not exist");
  });
});
