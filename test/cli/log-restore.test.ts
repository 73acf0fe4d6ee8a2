// The commands over a log that is held: what works, what fails and says why, and the end by `log restore`.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leafHash } from '../../src/model/audit-event.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { deactivatePrincipal } from '../../src/vault/people/deactivate.ts';
import { TOP } from '../docs/documents.ts';
import { minuteSignal } from '../support/fault-deployment.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { type SealedDeployment, sealAll, sealedDeployment } from '../support/sealed-deployment.ts';
import { withOtherHandle } from '../support/sqlite-database.ts';

let of: SealedDeployment;
let tenant: string;
beforeEach(async () => {
  of = await sealedDeployment('sqlite');
  tenant = of.people.tenant;
});
afterEach(() => of.end());

const run = (...args: string[]) => runCallvault({ ...of.deployment.env, CALLVAULT_OPERATOR: 'op-17' }, ...args);

describe('callvault log restore', () => {
  it('ends the holds of yesterday’s database, the deployment’s first, and has nothing to do afterwards', async () => {
    const { vault } = await of.start();
    await sealAll(vault);
    await of.backUp();
    const after = (await of.start()).vault;
    const people = await after.db.read((rows) => rows.principals.all(tenant), minuteSignal());
    const rita = people.find(({ roles }) => roles.includes('reviewer'))?.id ?? '';
    await deactivatePrincipal(after, operatorActor('op-1'), tenant, rita, minuteSignal());
    await sealAll(after);
    await of.restore();
    const denied = await run('tenants', 'suspend', tenant);
    expect(denied).toMatchObject({ code: 1, out: '' });
    expect(denied.err).toContain('an operator must run callvault log restore');
    // Commands that only read work, and so do doctor and export.
    expect(await run('people', 'list', '--tenant', tenant)).toMatchObject({ code: 0 });
    const doctor = await run('doctor');
    expect(doctor.out).toMatch(/✗ database +look for logs that are held .*callvault log restore/);
    expect(doctor.out).toContain('· database');
    // The hold is named once; what needs events of this tenant is skipped.
    expect(doctor.out.match(/is held, because/g)).toHaveLength(1);
    expect(doctor.out).toContain('the log of this tenant is held');
    expect(doctor.out).not.toMatch(/✗ ten_/);
    const out = join(of.deployment.folder, 'export');
    const exported = await run('log', 'export', tenant, '--out', out);
    expect(exported).toMatchObject({ code: 1, err: '', out: expect.stringContaining('is held, because') });
    expect(exported.out).toContain('checkpoints/ has those of store and anchor, which prove it');
    const early = await run('log', 'restore', tenant);
    expect(early).toMatchObject({ code: 1, err: expect.stringContaining('callvault log restore deployment first') });
    const first = jsonLines(await run('log', 'restore', 'deployment', '--json'));
    expect(first).toMatchObject([{ log: 'deployment', was: 'behind', removed: 0, file: null }]);
    const done = await run('log', 'restore', tenant);
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(done.out).toContain('was behind');
    expect(done.out).toContain('revoked again: 1 people');
    const again = await run('log', 'restore', tenant);
    expect(again).toMatchObject({ code: 0, err: '' });
    expect(again.out).toContain('nothing is changed');
    expect(await run('tenants', 'suspend', tenant)).toMatchObject({ code: 0, err: '' });
    expect(await run('log', 'restore', 'ten_x')).toMatchObject({ code: 1 });
  });

  it('saves what a fork has in a new file for its owner, and removes nothing if it cannot', async () => {
    const { vault } = await of.start();
    await sealAll(vault);
    await of.stop();
    withOtherHandle(of.deployment.database, (file) => {
      const [row] = file.prepare('select leaf from audit_event where log = ? and seq = 2').all(tenant) as [
        { leaf: Buffer },
      ];
      const leaf = Buffer.from(row.leaf.toString().replace('op-1', 'op-2'));
      file.exec('drop trigger audit_event_update');
      file
        .prepare('update audit_event set leaf = ?, hash = ? where log = ? and seq = 2')
        .run(leaf, leafHash(leaf), tenant);
    });
    const out = join(of.deployment.folder, 'removed.jsonl');
    const there = await run('log', 'restore', tenant, '--out', of.deployment.database);
    expect(there).toMatchObject({ code: 1, err: expect.stringContaining('EEXIST') });
    // It is held from here on, and what differs is still there.
    expect((await run('tenants', 'suspend', tenant)).code).toBe(1);
    expect(await run('log', 'restore', tenant, '--out', out)).toMatchObject({ code: 0 });
    expect(statSync(out).mode & 0o777).toBe(0o600);
    const lines = readFileSync(out, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { index: number; leaf: string });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ index: 2 });
    expect(Buffer.from(lines[0]?.leaf ?? '', 'base64').toString()).toContain('op-2');
    expect(await run('tenants', 'suspend', tenant)).toMatchObject({ code: 0, err: '' });
  });

  it('leaves no half file where the disk takes no more', () => {
    const out = join(of.deployment.folder, 'full.jsonl');
    const script = `
      import { saveEvents } from ${JSON.stringify(join(TOP, 'src/cli/support/save-events.ts'))};
      async function* events() {
        for (let seq = 0; seq < 100; seq++) yield { log: 'deployment', seq, leaf: Buffer.alloc(500), hash: Buffer.alloc(32) };
      }
      await saveEvents(${JSON.stringify(out)}, events()).then(() => console.log('saved'), (error) => console.log(error.code, error.message));`;
    // The kernel rejects what goes beyond 8 KiB.
    const node = `ulimit -f 8; exec ${process.execPath} --import tsx --input-type=module -e "$SCRIPT"`;
    const run = spawnSync('bash', ['-c', node], {
      cwd: TOP,
      env: { ...process.env, SCRIPT: script },
      encoding: 'utf8',
    });
    expect(run.stdout).toMatch(/^conflict .*\(EFBIG\): nothing was removed/);
    expect(existsSync(out)).toBe(false);
  });
});
