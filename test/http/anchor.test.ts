// What auditors learn of the anchor: whether it has the newest checkpoint, how far it reaches, and that it lags or differs.
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logName } from '../../src/model/audit-event.ts';
import { checkpointText } from '../../src/model/log/checkpoint.ts';
import { eventsOf } from '../support/changes.ts';
import { growTenant, sealTenant, sizeOf } from '../support/sealed-tenant.ts';
import type { World } from '../support/world.ts';
import { freshWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const anchorOf = async ({ call, harbour }: World): Promise<unknown> =>
  (await call('GET', '/v1/audit/anchor', { key: harbour.auditor.key })).json();

/** The files of the anchor, newest checkpoint first. */
async function filesOf({ folder }: World): Promise<string[]> {
  const found = await readdir(join(folder, 'anchor'), { recursive: true, withFileTypes: true });
  const files = found.filter((one) => one.isFile()).map((one) => join(one.parentPath, one.name));
  return files.sort();
}

describe('a log with an anchor', () => {
  const world = freshWorld({ signed: true, anchored: true });
  const seal = async () => {
    await growTenant(world, world.harbour.tenant, 3);
    await sealTenant(world, world.harbour.tenant);
    const size = await sizeOf(world, world.harbour.tenant);
    return { size, until: (await eventsOf(world, world.harbour.tenant, size - 1))[0]?.ts };
  };

  it('has nothing there before its first seal, then its newest checkpoint', async () => {
    expect(await anchorOf(world)).toEqual({ state: 'behind', size: null, until: null });
    const sealed = await seal();
    expect(await anchorOf(world)).toEqual({ state: 'current', ...sealed });
  });

  it('lags behind where its newest checkpoint is missing, or events wait for one for long', async () => {
    const first = await seal();
    await seal();
    const [newest = ''] = await filesOf(world);
    await rm(newest);
    expect(await anchorOf(world)).toEqual({ state: 'behind', ...first });
    const last = await seal();
    expect(await anchorOf(world)).toEqual({ state: 'current', ...last });
    await growTenant(world, world.harbour.tenant, 1);
    world.forward(110_000);
    expect(await anchorOf(world)).toEqual({ state: 'current', ...last });
    world.forward(20_000);
    expect(await anchorOf(world)).toEqual({ state: 'behind', ...last });
  });

  it('differs where the signer signed another history there, and counts no strange checkpoint', async () => {
    const { size } = await seal();
    const [newest = ''] = await filesOf(world);
    const { signer, settings } = world.vault;
    const log = logName(settings.origin, world.harbour.tenant);
    const root = new Uint8Array(32).fill(7);
    await rm(newest);
    await writeFile(newest, signer?.sign(log, checkpointText({ log, size, root })) ?? '');
    expect(await anchorOf(world)).toEqual({ state: 'differs', size: null, until: null });
    await rm(newest);
    await writeFile(newest, 'no checkpoint');
    expect(await anchorOf(world)).toMatchObject({ state: 'behind', size: null });
  });

  it('is for auditors', async () => {
    const reply = await world.call('GET', '/v1/audit/anchor', { key: world.harbour.reviewer.key });
    await expectProblem(reply, 403, 'forbidden');
  });
});

describe('a process without an anchor', () => {
  const world = freshWorld({ signed: true });

  it('says so', async () => {
    expect(await anchorOf(world)).toEqual({ state: 'none', size: null, until: null });
  });
});
