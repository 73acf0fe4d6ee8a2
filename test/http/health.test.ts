// Liveness and readiness over a real vault: the effect of each failure, and no trace of a check.
import { rename, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { wav } from '../support/wav.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const world = freshWorld();

type Report = {
  readonly status: string;
  readonly checks: readonly { check: string; state: string; age_ms: number; code?: string }[];
};

async function ready(query = ''): Promise<{ status: number; report: Report; failed: Record<string, string> }> {
  const reply = await world.call('GET', `/readyz${query}`);
  const text = await reply.text();
  expect(reply.headers.get('cache-control')).toBe('no-store');
  expect(text).not.toMatch(/callvault-world|sqlite|127\.0\.0\.1|ten_|vault\.example/i);
  const report = JSON.parse(text) as Report;
  const failed = Object.fromEntries(
    report.checks.filter(({ state }) => state !== 'ok').map(({ check, code }) => [check, code ?? '']),
  );
  return { status: reply.status, report, failed };
}

const events = (): unknown => world.sql.prepare('select count(*) from audit_event').pluck().get();

describe('readiness', () => {
  it('reports the state and age of each check', async () => {
    const { status, report } = await ready();
    expect(status).toBe(200);
    expect(report).toEqual({
      status: 'ready',
      checks: ['database', 'log', 'keys', 'store'].map((check) => ({
        check,
        state: 'ok',
        age_ms: expect.toSatisfy((age: number) => age >= 0 && age < 1000),
      })),
    });
    world.forward(500);
    expect((await ready()).report.checks[1]?.age_ms).toBeGreaterThanOrEqual(500);
    for (const use of ['ingest', 'listen']) expect((await ready(`?for=${use}`)).status).toBe(200);
    await expectProblem(await world.call('GET', '/readyz?for=secretword'), 400, 'malformed', 'secretword');
  });

  it('proves with a committed write that the disk works, and leaves no event, row or blob', async () => {
    await world.ingest(world.harbour, 'call', wav(100));
    const windows = world.sql.prepare('select * from window order by subject, target');
    const before = [await world.snapshot(true), events(), windows.all()];
    const version = (): unknown => world.sql.pragma('data_version', { simple: true });
    const heads = world.sql.prepare('select * from audit_head order by log').all();
    const was = version();
    await world.vault.db.check({ signal: AbortSignal.timeout(600_000) });
    // SQLite increments it for commits of another connection.
    expect(version()).not.toBe(was);
    await ready();
    expect([await world.snapshot(true), events(), windows.all()]).toEqual(before);
    expect(world.sql.prepare('select * from audit_head order by log').all()).toEqual(heads);
  });

  it('fails closed while the log cannot grow, and recovers', async () => {
    world.sql.exec("create trigger jam before insert on audit_event begin select raise(abort, 'jam'); end");
    expect(await ready()).toMatchObject({ status: 503, failed: { log: 'audit_unavailable' } });
    expect((await ready()).report.status).toBe('not_ready');
    expect((await world.call('GET', '/healthz')).status).toBe(200);
    world.sql.exec('drop trigger jam');
    world.forward(1001);
    expect(await ready()).toMatchObject({ status: 200, failed: {} });
  });

  it('fails while the database is readable but not writable', async () => {
    world.sql.exec("create trigger full before insert on window begin select raise(abort, 'full'); end");
    expect(await ready()).toMatchObject({ status: 503, failed: { log: expect.stringMatching(/conflict|database/) } });
  });

  it.each([
    ['store', 'store_unavailable', 'store'],
    ['keys', 'key_service_unavailable', 'keyring.json'],
  ])('checks the %s again after fifteen seconds, not before', async (check, code, name) => {
    expect((await ready()).status).toBe(200);
    const at = join(world.folder, name);
    await rename(at, `${at}.away`);
    await writeFile(at, 'in its place');
    world.forward(14_000);
    expect((await ready()).status).toBe(200);
    world.forward(1_001);
    expect(await ready()).toMatchObject({ status: 503, failed: { [check]: code } });
    await rm(at);
    await rename(`${at}.away`, at);
    world.forward(15_001);
    expect((await ready()).status).toBe(200);
  });

  it('of an invalid HTTP request is 400, without a body', async () => {
    const { port } = await world.listen();
    const socket = connect(port, '127.0.0.1');
    socket.end('GET /healthz HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n');
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 [\s\S]*\r\n\r\n(0\r\n\r\n)?$/);
  });

  it('ends when the server drains, whatever the checks report', async () => {
    world.ready.drain();
    const { status, report, failed } = await ready();
    expect({ status, said: report.status, failed }).toEqual({ status: 503, said: 'draining', failed: {} });
    expect((await world.call('GET', '/healthz')).status).toBe(200);
  });
});
