// Commands about logs that write to a full disk: they say so, and leave nothing that passes for whole.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { operatorActor } from '../../src/vault/core/events/events.ts';
import { verifiersOf } from '../../src/vault/core/proofs/verifier-keys.ts';
import { addPrincipal } from '../../src/vault/people/add-principal.ts';
import { createApiKey } from '../../src/vault/people/api-keys.ts';
import { minuteSignal } from '../support/fault-deployment.ts';
import { needs } from '../support/needs.ts';
import { jsonLines, runCallvault } from '../support/run-callvault.ts';
import { type SealedDeployment, sealAll, sealedDeployment } from '../support/sealed-deployment.ts';
import { type SmallDisk, smallDisk } from '../support/small-disk.ts';
import { withOtherHandle } from '../support/sqlite-database.ts';

const disk = needs('small-disk');
describe.skipIf(!disk.present)(`on a full disk ${disk.reason}`, () => {
  let of: SealedDeployment;
  let small: SmallDisk;
  beforeEach(async () => {
    small = smallDisk(4);
    of = await sealedDeployment('sqlite');
    await sealAll((await of.start()).vault);
    await of.stop();
  });
  afterEach(async () => {
    await of.end();
    small.remove();
  });

  const run = (...args: string[]) => runCallvault({ ...of.deployment.env, CALLVAULT_OPERATOR: 'op-17' }, ...args);

  it('log export fails, says why, and what it left is no export', async () => {
    const { tenant } = of.people;
    const out = join(small.folder, 'export');
    small.fill();
    const failed = await run('log', 'export', tenant, '--out', out);
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(/^callvault: .*export.*ENOSPC.*\n$/);
    expect(existsSync(join(out, 'checkpoint'))).toBe(false);
    const [made] = jsonLines(
      await run('log', 'export', tenant, '--out', join(of.deployment.folder, 'whole'), '--json'),
    );
    const keys = (made?.['keys'] ?? []) as string[];
    const verify = ['log', 'verify', out, '--key', ...keys];
    expect(await run(...verify)).toMatchObject({ code: 2, out: '', err: expect.stringContaining('cannot be read') });
    small.free();
    const whole = join(small.folder, 'again');
    expect(await run('log', 'export', tenant, '--out', whole)).toMatchObject({ code: 0, err: '' });
    expect(await run('log', 'verify', whole, '--key', ...keys)).toMatchObject({ code: 0 });
  });

  it('log fetch and log follow fail and say why, and continue once there is room', async () => {
    const { tenant } = of.people;
    const { vault, url } = await of.start();
    const by = operatorActor('op-1');
    const person = { tenant, kind: 'person', name: 'Audrey', roles: ['auditor'], owners: [] } as const;
    const principal = await addPrincipal(vault, by, person, minuteSignal());
    const { secret } = await createApiKey(vault, by, { tenant, principal, days: 1, scopes: null }, minuteSignal());
    const keyFile = join(of.deployment.folder, 'key');
    writeFileSync(keyFile, secret);
    await sealAll(vault);
    const keys = vault.signer === null ? [] : verifiersOf(vault.signer, logName('vault.example', tenant));
    const out = join(small.folder, 'log');
    const fetch = ['log', 'fetch', url, '--out', out, '--key', ...keys, '--api-key-file', keyFile];
    const state = join(small.folder, 'state');
    const follow = ['log', 'follow', url, '--state', state, '--once', '--api-key-file', keyFile];
    small.fill();
    const failed = await run(...fetch);
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(/^callvault: the export cannot be written: .*ENOSPC.*\n$/);
    const unfollowed = await run(...follow);
    expect(unfollowed).toMatchObject({ code: 1 });
    expect(unfollowed.err).toMatch(/the state cannot be written: .*ENOSPC/);
    expect(existsSync(state)).toBe(false);
    small.free();
    expect(await run(...fetch)).toMatchObject({ code: 0, err: '' });
    expect(await run('log', 'verify', out, '--key', ...keys)).toMatchObject({ code: 0, err: '' });
    const followed = await run(...follow);
    expect(followed).toMatchObject({ code: 0, err: '' });
    // Lines may come twice, and none is left out: the fetching above is in the log as well.
    expect(followed.out.startsWith(unfollowed.out)).toBe(true);
  });

  it('log restore saves nothing, so it removes nothing, and completes once there is room', async () => {
    const { tenant } = of.people;
    withOtherHandle(of.deployment.database, (file) => {
      const query = 'select leaf from audit_event where log = ? and seq = 2';
      const [row] = file.prepare(query).all(tenant) as [{ leaf: Buffer }];
      const leaf = Buffer.from(row.leaf.toString().replace('op-1', 'op-2'));
      file.exec('drop trigger audit_event_update');
      const update = file.prepare('update audit_event set leaf = ?, hash = ? where log = ? and seq = 2');
      update.run(leaf, leafHash(leaf), tenant);
    });
    small.fill();
    const out = join(small.folder, 'removed.jsonl');
    const failed = await run('log', 'restore', tenant, '--out', out);
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(failed.err).toMatch(/cannot be saved in .*removed\.jsonl \(ENOSPC\): nothing was removed/);
    expect(readdirSync(small.folder)).toEqual(['filler']);
    const { vault } = await of.start();
    expect(await vault.db.read((rows) => rows.log.state(tenant), minuteSignal())).toMatchObject({ held: 'fork' });
    await of.stop();
    small.free();
    expect(await run('log', 'restore', tenant, '--out', out)).toMatchObject({ code: 0, err: '' });
    expect(existsSync(out)).toBe(true);
  });
});
