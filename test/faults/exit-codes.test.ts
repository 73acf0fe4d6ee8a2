// Exit codes of real processes: systemd restarts the service after each, except for a damaged database file.
import { once } from 'node:events';
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { createServer, type Server as TcpServer } from 'node:net';
import SqliteFile from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../docs/documents.ts';
import { type Deployment, newDeployment, staffDeployment, startServer } from '../support/fault-deployment.ts';
import { runCallvault } from '../support/run-callvault.ts';

const UNEXPECTED = 70;
/** Each case starts a process or two, on a machine that may be busy. */
const SLOW = { timeout: 300_000 };

/** The directives of the unit's sections, as systemd reads them: later lines of one name extend a list. */
function unitDirectives(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let section = '';
  for (const line of textOf('docs/operations/callvault.service').split('\n')) {
    const [, heading] = /^\[(\w+)\]$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) continue;
    found.set(`${section}.${name}`, [...(found.get(`${section}.${name}`) ?? []), value]);
  }
  return found;
}

/** Whether systemd starts the service again after this exit code, by systemd.service(5). */
function restartsAfter(code: number): boolean {
  const unit = unitDirectives();
  const prevented = (unit.get('Service.RestartPreventExitStatus') ?? []).flatMap((value) => value.split(/\s+/));
  return unit.get('Service.Restart')?.at(-1) === 'on-failure' && code !== 0 && !prevented.includes(String(code));
}

let deployment: Deployment;
let apiKey: string;

beforeEach(async () => {
  deployment = await newDeployment();
  const people = await staffDeployment(deployment);
  apiKey = people.reviewer;
});
afterEach(() => deployment.remove());

/** Overwrites bytes of the database file, as a failing disk does. */
function overwrite(from: number, length: number): void {
  const file = openSync(deployment.database, 'r+');
  writeSync(file, Buffer.alloc(length, 0xa5), 0, length, from);
  closeSync(file);
}

/** Where the first page of a table is, and how long a page is. */
function pageOf(table: string): { readonly from: number; readonly length: number } {
  const file = new SqliteFile(deployment.database, { readonly: true });
  const length = file.pragma('page_size', { simple: true }) as number;
  const page = file.prepare('select rootpage from sqlite_master where name = ?').pluck().get(table) as number;
  file.close();
  return { from: (page - 1) * length, length };
}

const serve = () => runCallvault(deployment.env, 'serve');

describe('a damaged SQLite file', () => {
  it('exits with the code after which systemd does not restart the service, when it is opened', SLOW, async () => {
    overwrite(0, 4096);
    const { code, out } = await serve();
    expect(out).toContain('the database file cannot be trusted');
    expect(code).toBe(74);
    expect(restartsAfter(code ?? 0)).toBe(false);
  });

  it('ends a running service with the same code', SLOW, async () => {
    const page = pageOf('api_key');
    expect(page.from + page.length).toBeLessThanOrEqual(statSync(deployment.database).size);
    const server = await startServer(deployment);
    overwrite(page.from, page.length);
    // The reply may be cut: the service exits while it sends it.
    await fetch(`${server.url}/v1/me`, { headers: { authorization: `Bearer ${apiKey}` } }).catch(() => undefined);
    expect(await server.ended()).toBe(74);
    expect(server.log()).toContain('the database file cannot be trusted');
  });

  it('ends a command with the same code, and reports it on standard error', SLOW, async () => {
    overwrite(0, 4096);
    const { code, err } = await runCallvault({ ...deployment.env, CALLVAULT_OPERATOR: 'op-17' }, 'tenants', 'list');
    expect(code).toBe(74);
    expect(err).toContain('the database file is damaged');
  });
});

describe('any other failure', () => {
  it('of an unexpected kind ends the service with 70, and systemd restarts it', SLOW, async () => {
    // Planted in the real process: an error thrown outside of every request and all background work.
    const planted = `process.once('SIGUSR2', () => { throw new TypeError('planted'); });`;
    const env = { ...deployment.env, NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(planted)}` };
    const server = await startServer({ ...deployment, env });
    server.signal('SIGUSR2');
    expect(await server.ended()).toBe(UNEXPECTED);
    expect(server.log()).toMatch(/"cause":"TypeError.*"msg":"unexpected"/);
    expect(restartsAfter(UNEXPECTED)).toBe(true);
  });

  describe('with an address in use', () => {
    let taken: TcpServer;
    beforeEach(async () => {
      taken = createServer().listen(0, '127.0.0.1');
      await once(taken, 'listening');
    });
    afterEach(() => void taken.close());

    it('exits with 1 and names the variable, and systemd restarts it', SLOW, async () => {
      const address = taken.address();
      if (address === null || typeof address === 'string') throw new Error('no port');
      const env = { ...deployment.env, CALLVAULT_LISTEN: `127.0.0.1:${address.port}` };
      const { code, err } = await runCallvault(env, 'serve');
      expect(err).toContain('another process listens at');
      expect(err).toContain('CALLVAULT_LISTEN');
      expect(code).toBe(1);
      expect(restartsAfter(code ?? 0)).toBe(true);
    });
  });

  it('is restarted however often it happens: systemd does not count starts', () => {
    expect(unitDirectives().get('Unit.StartLimitIntervalSec')).toEqual(['0']);
  });

  it('has its codes in the table of the page about running', () => {
    const codes = [...textOf('docs/operations/running.md').matchAll(/^\| (\d+(?:, \d+)*) \|/gm)];
    expect(codes.map(([, code]) => code)).toEqual(['0', '1', '2', '130, 143', '70', '74']);
  });
});
