// The story in curl: its blocks run in one shell, against the demo as a child process.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtFile } from '../support/built.ts';
import { needs } from '../support/needs.ts';
import { freePort } from '../support/servers/process.ts';
import { until } from '../support/until.ts';
import { blocks, TOP, textOf } from './documents.ts';

const CAPTURED = ['REC', 'REQ', 'GRANT', 'SESSION', 'AFTER'];

type Ended = { readonly code: number | null; readonly out: string; readonly err: string };

/** Collects a process's output, so that a failure shows it. */
function listen(child: ChildProcess): { out: string; err: string } {
  const said = { out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  return said;
}

async function run(script: string): Promise<Ended> {
  const shell = spawn('sh', ['-eu'], { cwd: TOP, stdio: 'pipe' });
  const said = listen(shell);
  shell.stdin.end(script);
  const [code] = (await once(shell, 'close')) as [number | null];
  return { code, ...said };
}

const curl = needs('curl');

describe.skipIf(!curl.present)(`the story in curl ${curl.reason}`, () => {
  const top = mkdtempSync(join(tmpdir(), 'callvault-readme-'));
  const data = join(top, 'data');
  const env = join(data, 'demo.env');
  let demo: ChildProcess | undefined;

  beforeAll(async () => {
    const listenOn = `127.0.0.1:${await freePort()}`;
    demo = spawn(process.execPath, [builtFile('scripts/demo/demo.ts')], {
      cwd: TOP,
      env: { ...process.env, CALLVAULT_DEMO_DATA: data, CALLVAULT_LISTEN: listenOn },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = listen(demo);
    const ready = async () =>
      existsSync(env) &&
      /AUDITOR=/.test(readFileSync(env, 'utf8')) &&
      (await fetch(`http://${listenOn}/healthz`).then(
        ({ ok }) => ok,
        () => false,
      ));
    const over = () => demo?.exitCode !== null;
    await until('the demo answers', async () => over() || (await ready()), { everyMs: 100, seen: () => said });
    if (over()) throw new Error(`the demo did not start:\n${said.out}${said.err}`);
  });

  afterAll(async () => {
    if (demo !== undefined && demo.exitCode === null && demo.signalCode === null) {
      const ended = once(demo, 'exit');
      demo.kill('SIGTERM');
      await Promise.race([ended, sleep(30_000).then(() => demo?.kill('SIGKILL'))]);
    }
    rmSync(top, { recursive: true, force: true });
  });

  it('runs twice and prints the output on the page', async () => {
    const story = blocks(textOf('docs/curl.md'), 'sh curl-story');
    expect(story.length).toBeGreaterThanOrEqual(7);
    const captured = CAPTURED.map((name) => `echo "${name}=$${name}"`);
    const script = [`. '${env}'`, ...story, ...captured].join('\n');
    for (const _time of ['once', 'again']) {
      const { code, out, err } = await run(script);
      expect({ code, err }, out).toEqual({ code: 0, err: '' });
      const value = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(out)?.[1] ?? '';
      expect(value('REC')).toMatch(/^rec_/);
      expect(value('REQ')).toMatch(/^req_/);
      expect(value('GRANT')).toMatch(/^grt_/);
      expect(value('SESSION')).toMatch(/^ses_/);
      expect(value('AFTER')).toBe('403');
      expect(out).toContain('the same 65536 bytes');
      expect(out).toContain('"code":"approval_required"');
      // The recording is in the list, and found by its number.
      expect(out.split(`"id":"${value('REC')}"`).length).toBeGreaterThanOrEqual(3);
      for (const action of [
        'deposit.available',
        'access.approved',
        'session.opened',
        'grant.revoked',
        'content.refused',
      ])
        expect(out).toMatch(new RegExp(`${action.replace('.', '\\.')} \\w+ hash agrees`));
      expect(out).not.toContain('HASH DIFFERS');
    }
  });
});
