// An exported log, checked by the independent program from the page.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { folderStore } from '../../../src/adapters/local/folder-store.ts';
import { sha256 } from '../../../src/bytes/digest.ts';
import { verifyFolders } from '../../../src/cli/log/verify.ts';
import { VaultError } from '../../../src/errors.ts';
import { logName } from '../../../src/model/audit-event.ts';
import { readLeaf } from '../../../src/model/log/leaf.ts';
import { readTilePath } from '../../../src/model/log/tree/tiles.ts';
import { operatorActor } from '../../../src/vault/core/events/events.ts';
import { verifiersOf } from '../../../src/vault/core/proofs/verifier-keys.ts';
import type { Vault } from '../../../src/vault/core/vault.ts';
import { compareLogs } from '../../../src/vault/sealing/compare-logs.ts';
import { type ExportedFile, exportLog } from '../../../src/vault/sealing/export-log.ts';
import { sealLog } from '../../../src/vault/sealing/seal-log.ts';
import { ORIGIN } from '../../support/fixture-rows.ts';
import { needs } from '../../support/needs.ts';
import { rowsOfSqlite } from '../../support/rows-by-sql.ts';
import { grow, LOG, request, type SealedLogWorld, type SealingDeps, sealedLog } from '../../support/sealing.ts';
import { sqliteDatabase } from '../../support/sqlite-database.ts';
import { openTestVault, type TestVault } from '../../support/vault.ts';

const python = needs('python-cryptography');
const by = operatorActor('op-1');
/** The log of these worlds is no tenant's. */
const NO_KEYS = { get: () => expect.fail('no key is needed') } as unknown as Vault['metadataKeys'];

describe('an exported log', () => {
  let world: SealedLogWorld;
  let out: string;
  beforeEach(async () => {
    world = await sealedLog();
    out = mkdtempSync(join(tmpdir(), 'callvault-export-'));
  });
  afterEach(async () => {
    await world.end();
    rmSync(out, { recursive: true, force: true });
  });

  const seal = (deps: SealingDeps = world.deps) => sealLog(deps, new Map(), LOG, request());
  const write = async (
    deps: SealingDeps = world.deps,
    held = (..._of: readonly unknown[]) => {},
  ): Promise<string[]> => {
    const paths: string[] = [];
    const notices = { withoutPolicies: () => undefined, held };
    for await (const { path, bytes } of exportLog({ ...deps, metadataKeys: NO_KEYS }, by, LOG, request(), notices)) {
      mkdirSync(dirname(join(out, path)), { recursive: true });
      writeFileSync(join(out, path), bytes);
      paths.push(path);
    }
    return paths;
  };
  const check = (key: string) =>
    spawnSync('/usr/bin/python3', ['docs/verify_log.py', out, '--key', key, '--json'], { encoding: 'utf8' });

  it('can be written while the log is held, which takes no event of it', async () => {
    await grow(world.deps, 20);
    await seal();
    await world.deps.db.note((notes) => notes.holds.hold(LOG, 'fork', -1), request());
    expect(await write()).toContain('checkpoint');
    expect(await world.deps.db.read((rows) => rows.log.size(LOG), request())).toBe(21);
  });

  /** The published log of `world` over a database with another history, which the real key sealed as often and as far. */
  const rewritten = async (seals: readonly number[]): Promise<SealingDeps> => {
    const other = await world.over(await sqliteDatabase());
    const unseen = { store: folderStore(join(world.folder, 'unseen')), anchor: null };
    for (const count of seals) {
      await grow(other, count);
      await seal({ ...other, ...unseen });
    }
    await expect(compareLogs(other, request())).rejects.toMatchObject({ code: 'integrity' });
    return other;
  };

  it.runIf(python.present).each([
    ['at the size of the newest seal', [5, 5], 'fork'],
    ['below the newest seal', [5, 9], 'fork'],
    ['with fewer events', [4], 'behind'],
  ] as const)('of a held log has what both programs find it by: other events %s', async (_name, seals, code) => {
    for (const count of [5, 5]) {
      await grow(world.deps, count);
      await seal();
    }
    const held: unknown[] = [];
    await write(await rewritten(seals), (...of) => held.push(of));
    expect(held).toEqual([[code, [11]]]);
    const [key = ''] = verifiersOf(world.deps.signer, logName(ORIGIN, LOG));
    const { logs } = JSON.parse(check(key).stdout) as { logs: [{ findings: { code: string; index: number }[] }] };
    expect(logs[0].findings).toContainEqual(expect.objectContaining({ code, index: 11 }));
    const verified = await verifyFolders(out, { key: [key] });
    expect(verified.logs[0]?.findings).toContainEqual(expect.objectContaining({ code, index: 11 }));
  });

  it('of a held log has the anchor’s checkpoint where the store does not answer', async () => {
    await grow(world.deps, 5);
    await seal();
    const deps = await rewritten([5]);
    const first = () => Promise.reject(new VaultError('store_unavailable', 'no answer'));
    const held: unknown[] = [];
    await write({ ...deps, store: { ...deps.store, first } }, (...of) => held.push(of));
    expect(held).toEqual([['fork', [6]]]);
    await write({ ...deps, store: { ...deps.store, first }, anchor: null }, (...of) => held.push(of)).catch(() => []);
    expect(held.at(-1)).toEqual(['fork', []]);
  });

  it('has the tiles, bundles and checkpoints up to the newest seal, the newest checkpoint last', async () => {
    await expect(write()).rejects.toMatchObject({ code: 'not_found' });
    // Asking for a log that is none does not make one.
    expect(await world.deps.db.read((rows) => rows.seals.heads(), request())).toEqual([]);
    await grow(world.deps, 299);
    await seal();
    await grow(world.deps, 222);
    await seal();
    // Not sealed: not exported.
    await grow(world.deps, 3);
    const paths = await write();
    expect(paths.filter((path) => readTilePath(path) === null)).toEqual([
      'checkpoints/300',
      'checkpoints/522',
      'checkpoint',
    ]);
    expect(paths.filter((path) => path.startsWith('tile/')).sort()).toEqual([
      ...['tile/0/000', 'tile/0/001', 'tile/0/002.p/10', 'tile/1/000.p/2'],
      ...['tile/entries/000', 'tile/entries/001', 'tile/entries/002.p/10'],
    ]);
  });

  it.runIf(python.present)('is whole by the key and the page alone, also after the key was replaced', async () => {
    await grow(world.deps, 299);
    await seal();
    await grow(world.deps, 1);
    await seal({ ...world.deps, signer: await world.signerOf('first', 'second') });
    await grow(world.deps, 300);
    const second = { ...world.deps, signer: await world.signerOf('second') };
    await seal(second);
    await write(second);
    const [key = ''] = verifiersOf(world.deps.signer, logName(ORIGIN, LOG));
    const checked = check(key);
    expect(checked).toMatchObject({ stderr: '' });
    const report = JSON.parse(checked.stdout) as { logs: [{ findings: { code: string }[] }] };
    expect(report.logs[0].findings).toEqual([]);
    const [strange = ''] = verifiersOf(await world.signerOf('third'), logName(ORIGIN, LOG));
    const other = JSON.parse(check(strange).stdout) as typeof report;
    expect(other.logs[0].findings.map(({ code }) => code)).toContain('signature');
  });

  it.runIf(python.present)('says when its checkpoints began, also of a service without an address', async () => {
    const deps = { ...world.deps, settings: { ...world.deps.settings, url: null } };
    await grow(deps, 2);
    await seal(deps);
    await write(deps);
    const [key = ''] = verifiersOf(deps.signer, logName(ORIGIN, LOG));
    const { logs } = JSON.parse(check(key).stdout) as { logs: [{ notices: { code: string }[] }] };
    expect(logs[0].notices.map(({ code }) => code)).not.toContain('no_adoption');
  });

  it('fails where the events do not have the root of the newest seal', async () => {
    await grow(world.deps, 3);
    await seal();
    await world.tested.run('drop trigger audit_event_update');
    await world.tested.run('update audit_event set leaf = hash where seq = 1');
    await expect(write()).rejects.toMatchObject({ code: 'integrity' });
  });
});

describe('an exported log of a tenant', () => {
  let world: SealedLogWorld;
  let test: TestVault;
  beforeEach(async () => {
    [world, test] = [await sealedLog(), await openTestVault()];
    await sealLog({ ...test.vault, signer: world.deps.signer }, new Map(), test.tenant, request());
  });
  afterEach(async () => {
    await test.close();
    await world.end();
  });

  const exported = async (change: Partial<Vault> = {}) => {
    const [files, without]: [ExportedFile[], VaultError[]] = [[], []];
    const deps = { ...test.vault, signer: world.deps.signer, ...change };
    const notices = { withoutPolicies: (error: VaultError) => void without.push(error), held: () => undefined };
    for await (const file of exportLog(deps, by, test.tenant, request(), notices)) files.push(file);
    return { policies: files.filter(({ path }) => path.startsWith('policies/')), without };
  };

  it('has the texts of the policies, whose digests the events name', async () => {
    const { policies, without } = await exported();
    const events = await test.vault.db.read((rows) => rows.log.events(test.tenant, 0, 1), request());
    const [created] = events.flatMap(({ leaf }) => readLeaf(leaf) ?? []);
    const digests = policies.map(({ path, bytes }) => [path, sha256(bytes).toString('hex')]);
    expect(digests).toEqual([[`policies/${created?.object['policy']}.json`, created?.object['sha256']]]);
    expect(without).toEqual([]);
  });

  it('has none where the key is unavailable, and fails where one is not authentic', async () => {
    const unavailable = new VaultError('key_service_unavailable', 'the key service does not answer');
    const metadataKeys = { ...test.vault.metadataKeys, get: () => Promise.reject(unavailable) };
    expect(await exported({ metadataKeys })).toEqual({ policies: [], without: [unavailable] });
    const rows = rowsOfSqlite(join(test.folder, 'vault.db'));
    const [{ body } = { body: '' }] = await rows.all('policy');
    await rows.set('policy', { tenant: test.tenant }, { body: String(body).replace('"uses":3', '"uses":9') });
    await rows.close();
    await expect(exported()).rejects.toMatchObject({ code: 'integrity' });
  });
});
