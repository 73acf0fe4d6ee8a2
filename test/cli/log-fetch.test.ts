// callvault log fetch: a log from the service into a folder, continued, cut off, and one that is not the same log any more.
// Long because each lie of a service is a row, beside what an honest one does.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import { fetchLog } from '../../src/cli/log/fetch-log.ts';
import { type LogClient, logClient } from '../../src/cli/log/log-client.ts';
import { parseKey, verifyFolders } from '../../src/cli/log/verify.ts';
import { VaultError } from '../../src/errors.ts';
import { listenOn } from '../../src/main/server.ts';
import { leafHash, logName } from '../../src/model/audit-event.ts';
import { checkpointText } from '../../src/model/log/checkpoint.ts';
import { writeEntries } from '../../src/model/log/entries.ts';
import { createEdge } from '../../src/model/log/tree/edge.ts';
import { readTilePath, TILE_WIDTH } from '../../src/model/log/tree/tiles.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { needs } from '../support/needs.ts';
import { runCallvault } from '../support/run-callvault.ts';
import { growTenant, sealTenant, sizeOf, verifierOf } from '../support/sealed-tenant.ts';
import { wavOf } from '../support/vault.ts';
import { wav } from '../support/wav.ts';
import { freshWorld } from '../support/worlds.ts';

const python = needs('python-cryptography');
const { sha256 } = noteCrypto;
const request = () => ({ signal: AbortSignal.timeout(60_000) });

let out = '';
beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'callvault-fetched-'));
});
afterEach(() => rmSync(out, { recursive: true, force: true }));

/** What the check of the fetched folder finds: in the tree, checkpoints and receipts, and in what events mean. */
const found = async (key: string, receipts?: string): Promise<string[]> => {
  const report = await verifyFolders(join(out, 'log'), { key: [key], ...(receipts === undefined ? {} : { receipts }) });
  return report.logs.flatMap(({ findings }) => findings.map(({ code }) => code));
};
const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();

const versionIds = (count: number) => Array.from({ length: count }, () => ({ id: newId('pol') }));

/** A client that counts what it is asked for, and fails after so many tiles. */
function countedClient(client: LogClient, most = Number.POSITIVE_INFINITY) {
  const asked: string[] = [];
  const counted: LogClient = {
    ...client,
    tile: async (path) => {
      asked.push(path);
      if (asked.length > most) throw new Error('cut');
      return client.tile(path);
    },
  };
  return { asked, counted };
}

describe('a log of a running service', () => {
  const world = freshWorld({ signed: true });
  const clientOf = async (key = world.harbour.auditor.key) =>
    logClient((await world.listen()).url, key, new AbortController().signal);

  it('is fetched by the command, holds by itself, and has the receipts that clients kept', async () => {
    const { tenant, auditor } = world.harbour;
    const lines: string[] = [];
    for (const call of ['call-1', 'call-2', 'call-3']) {
      const reply = await world.ingest(world.harbour, call, wav(10));
      lines.push(`Vault-Audit: ${reply.headers.get('vault-audit')}`);
    }
    const recording = await world.deposited(world.harbour, 'heard', wavOf(3_000));
    const session = await world.session(world.harbour, await world.grant(world.harbour, recording));
    await world.call('DELETE', `/v1/sessions/${session}`, { key: world.harbour.reviewer.key });
    await growTenant(world, tenant, 300);
    await sealTenant(world, tenant);
    const [key, { url }] = [verifierOf(world, tenant), await world.listen()];
    writeFileSync(join(out, 'key'), `${auditor.key}\n`);
    const args = ['log', 'fetch', url, '--out', join(out, 'log'), '--key', key, '--api-key-file', join(out, 'key')];
    const fetched = await runCallvault({}, ...args, '--json');
    expect(fetched).toMatchObject({ code: 0, err: '' });
    const size = JSON.parse(fetched.out) as { events: number; added: number; policies: number };
    expect([size.events, size.added]).toEqual([size.events, size.events]);
    const versions = await world.vault.db.read((rows) => rows.tenants.policies(tenant, null, 10), request());
    expect(size.policies).toBe(1);
    for (const { id, body } of versions)
      expect(readFileSync(join(out, 'log', 'policies', `${id}.json`), 'utf8')).toBe(body);
    writeFileSync(join(out, 'receipts'), lines.join('\n'));
    expect(await found(key, join(out, 'receipts'))).toEqual([]);
    // A receipt of another event, and one of an event that the log does not have.
    const [first = '', second = ''] = lines;
    const moved = first.replace(/ \d+ /, ` ${/ (\d+) /.exec(second)?.[1]} `);
    writeFileSync(join(out, 'receipts'), [...lines, moved, first.replace(/ \d+ /, ' 100000 ')].join('\n'));
    expect(await found(key, join(out, 'receipts'))).toEqual(['receipt', 'receipt']);
    if (!python.present) return;
    const independent = spawnSync(
      '/usr/bin/python3',
      ['docs/verify_log.py', join(out, 'log'), '--key', key, '--json'],
      {
        encoding: 'utf8',
      },
    );
    const { logs } = JSON.parse(independent.stdout) as { logs: [{ events: number; checkpoint: { size: number } }] };
    expect([logs[0].events, logs[0].checkpoint.size]).toEqual([size.events, size.events]);
  });

  it('is continued, with only what the folder does not have', async () => {
    const { tenant } = world.harbour;
    const keys = [parseKey(verifierOf(world, tenant))];
    await growTenant(world, tenant, 600 - (await sizeOf(world, tenant)));
    await sealTenant(world, tenant);
    const client = await clientOf();
    const before = await fetchLog(client, join(out, 'log'), keys);
    await growTenant(world, tenant, 200);
    await sealTenant(world, tenant);
    const { asked, counted } = countedClient(client);
    const after = await fetchLog(counted, join(out, 'log'), keys);
    expect(after).toEqual({ log: before.log, events: after.events, added: after.events - before.events, policies: 1 });
    expect(asked.filter((path) => path.startsWith('tile/entries/'))).toEqual([
      'tile/entries/002',
      `tile/entries/003.p/${after.events - 768}`,
    ]);
    expect(asked).not.toContain('tile/0/000');
    const sizes = filesIn(join(out, 'log')).filter((path) => path.startsWith('checkpoints/'));
    expect(sizes).toEqual([`checkpoints/${before.events}`, `checkpoints/${after.events}`]);
    expect(await found(verifierOf(world, tenant))).toEqual([]);
    // Nothing new: nothing is asked for but the checkpoints.
    const again = countedClient(client);
    expect(await fetchLog(again.counted, join(out, 'log'), keys)).toMatchObject({ added: 0 });
    expect(again.asked).toEqual([]);
  });

  it('continues after a cut, and has no checkpoint until it is whole', async () => {
    const { tenant } = world.harbour;
    const keys = [parseKey(verifierOf(world, tenant))];
    await growTenant(world, tenant, 6_000);
    await sealTenant(world, tenant);
    const client = await clientOf();
    await expect(fetchLog(countedClient(client, 21).counted, join(out, 'log'), keys)).rejects.toThrow('cut');
    const kept = filesIn(join(out, 'log'));
    expect(kept.length).toBeGreaterThan(10);
    expect(kept).not.toContain('checkpoint');
    expect(kept.filter((path) => path.endsWith('.new'))).toEqual([]);
    const { asked, counted } = countedClient(client);
    await fetchLog(counted, join(out, 'log'), keys);
    expect(asked.filter((path) => kept.includes(path))).toEqual([]);
    expect(await found(verifierOf(world, tenant))).toEqual([]);
  });

  it('has the text of each version of the policy, which is compared with the events', async () => {
    const { tenant } = world.harbour;
    const keys = [parseKey(verifierOf(world, tenant))];
    await sealTenant(world, tenant);
    const client = await clientOf();
    const lie: LogClient = { ...client, policy: async (id) => `${await client.policy(id)} ` };
    await fetchLog(lie, join(out, 'log'), keys);
    expect(await found(verifierOf(world, tenant))).toEqual(['policy_differs']);
    rmSync(join(out, 'log', 'policies'), { recursive: true });
    expect(await fetchLog(client, join(out, 'log'), keys)).toMatchObject({ policies: 1 });
    expect(await found(verifierOf(world, tenant))).toEqual([]);
    // Without them the log is fetched all the same.
    const none: LogClient = {
      ...client,
      policies: () => Promise.reject(new VaultError('not_available', 'the key is unavailable')),
    };
    expect(await fetchLog(none, join(out, 'without'), keys)).toMatchObject({
      ...{ policies: null, without: 'the key is unavailable' },
    });
    expect(filesIn(join(out, 'without')).filter((path) => path.startsWith('policies'))).toEqual([]);
    // A list without end is not followed, and an id names no other folder.
    const asked: string[] = [];
    const endless = createServer((sent, reply) => {
      asked.push(sent.url ?? '');
      reply.end(JSON.stringify({ data: [{ id: '../../x' }, { id: 5 }, ...versionIds(200)], next_cursor: 'again' }));
    });
    const port = await listenOn(endless, { host: '127.0.0.1', port: 0 });
    const ids = await logClient(`http://127.0.0.1:${port}`, 'cv_x', new AbortController().signal).policies();
    expect([ids.length, asked.length]).toEqual([10_000, 50]);
    expect(ids.every((id) => id.startsWith('pol_'))).toBe(true);
    endless.close();
  });

  it('says what the service answered to a key that may not read it, and before it is sealed', async () => {
    const { tenant, reviewer } = world.harbour;
    const keys = [parseKey(verifierOf(world, tenant))];
    await expect(fetchLog(await clientOf(), join(out, 'log'), keys)).rejects.toThrow('409 (not_sealed)');
    await expect(fetchLog(await clientOf(reviewer.key), join(out, 'log'), keys)).rejects.toThrow('403 (forbidden)');
    await expect(fetchLog(await clientOf('cv_none'), join(out, 'log'), keys)).rejects.toThrow('401 (unauthenticated)');
    expect(filesIn(out)).toEqual([]);
  });

  it.each(['http://vault.example', 'ftp://vault.example', 'vault.example', ''])('sends no key to %s', (address) => {
    expect(() => logClient(address, 'cv_x', new AbortController().signal)).toThrow('https://');
  });

  it('follows no redirect, which could take the key elsewhere', async () => {
    const asked: string[] = [];
    const elsewhere = createServer((sent, reply) => {
      asked.push(sent.url ?? '');
      reply.end('x');
    });
    const port = await listenOn(elsewhere, { host: '127.0.0.1', port: 0 });
    const moved = createServer(
      (_, reply) => void reply.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end(),
    );
    const at = await listenOn(moved, { host: '127.0.0.1', port: 0 });
    const client = logClient(`http://127.0.0.1:${at}`, world.harbour.auditor.key, new AbortController().signal);
    await expect(client.checkpoint()).rejects.toMatchObject({ code: 'not_available' });
    expect(asked).toEqual([]);
    for (const server of [elsewhere, moved]) server.close();
  });

  /** A service with these leaves under the same name and key, and what it lies about. */
  const serviceOf = (leaves: readonly Uint8Array[], lies: Partial<LogClient> = {}): LogClient => {
    const { signer, settings } = world.vault;
    const name = logName(settings.origin, world.harbour.tenant);
    const edge = createEdge(sha256);
    for (const leaf of leaves) edge.add(leafHash(leaf));
    const note = signer?.sign(name, checkpointText({ log: name, size: leaves.length, root: edge.root() })) ?? '';
    return {
      events: () => expect.fail('a fetch asks for tiles'),
      checkpoint: async () => note,
      checkpoints: async () => ({
        found: [{ file: `checkpoints/${leaves.length}`, size: leaves.length, note }],
        next: null,
      }),
      tile: async (path) => {
        const { level, index, width } = readTilePath(path) ?? expect.fail(path);
        const own = leaves.slice(index * TILE_WIDTH, index * TILE_WIDTH + width);
        if (level === 'entries') return writeEntries(own);
        if (level === 0) return Buffer.concat(own.map(leafHash));
        const tile = createEdge(sha256);
        for (const leaf of leaves.slice(0, TILE_WIDTH)) tile.add(leafHash(leaf));
        return tile.root();
      },
      policies: async () => [],
      policy: async () => '',
      ...lies,
    };
  };
  const leavesOf = async (): Promise<Uint8Array[]> => {
    await growTenant(world, world.harbour.tenant, 300 - (await sizeOf(world, world.harbour.tenant)));
    const events = await world.vault.db.read((rows) => rows.log.events(world.harbour.tenant, 0, 300), request());
    return events.map(({ leaf }) => leaf);
  };

  it('is rejected where it went back, or has another history than the folder', async () => {
    const leaves = await leavesOf();
    const keys = [parseKey(verifierOf(world, world.harbour.tenant))];
    const folder = join(out, 'log');
    await fetchLog(serviceOf(leaves.slice(0, 270)), folder, keys);
    const before = filesIn(folder);
    const kept = readFileSync(join(folder, 'checkpoint'), 'utf8');
    await expect(fetchLog(serviceOf(leaves.slice(0, 269)), folder, keys)).rejects.toMatchObject({ code: 'integrity' });
    const forked = [...leaves.slice(0, 260), leaves[0] as Uint8Array, ...leaves.slice(261)];
    await expect(fetchLog(serviceOf(forked), folder, keys)).rejects.toThrow(/^fork at 270/);
    // Also where the other history begins in a bundle that the folder has whole.
    const early = [leaves[1] as Uint8Array, ...leaves.slice(1)];
    await expect(fetchLog(serviceOf(early), folder, keys)).rejects.toMatchObject({ code: 'integrity' });
    expect(filesIn(folder)).toEqual([...before, 'checkpoint.rejected'].sort());
    expect(readFileSync(join(folder, 'checkpoint'), 'utf8')).toBe(kept);
    expect(readFileSync(join(folder, 'checkpoint.rejected'), 'utf8')).toBe(await serviceOf(early).checkpoint());
    await fetchLog(serviceOf(leaves), folder, keys);
    expect(await found(verifierOf(world, world.harbour.tenant))).toEqual([]);
  });

  it('is rejected with tiles, bundles, checkpoints or a signer that are wrong', async () => {
    const leaves = await leavesOf();
    const folder = join(out, 'log');
    const key = verifierOf(world, world.harbour.tenant);
    const keys = [parseKey(key)];
    const honest = serviceOf(leaves);
    const zeros = (wrong: RegExp) => async (path: string) => {
      const bytes = await honest.tile(path);
      return wrong.test(path) ? Buffer.alloc(bytes.length) : bytes;
    };
    const lies: readonly [lie: Partial<LogClient>, said: RegExp][] = [
      [{ tile: zeros(/^tile\/0\/001/) }, /^hash at 256/],
      [{ tile: zeros(/^tile\/1\//) }, /^tile_differs at 0/],
      [{ tile: zeros(/^tile\/entries\/001/) }, /^(tile\/entries\/001\.p\/44 does not have 44 events|hash)/],
      [{ tile: async () => new Uint8Array(0) }, /does not have 256 events/],
      [
        { checkpoints: async () => ({ found: [{ file: 'checkpoints/9', size: 9, note: 'no note' }], next: null }) },
        /^signature at 9/,
      ],
    ];
    for (const [lie, said] of lies) {
      await expect(fetchLog(serviceOf(leaves, lie), folder, keys)).rejects.toThrow(said);
      expect(filesIn(folder)).toEqual(['checkpoint.rejected']);
    }
    const stranger = [parseKey(verifierOf(world, world.yunhai.tenant))];
    await expect(fetchLog(honest, folder, stranger)).rejects.toThrow(/^signature at 300/);
    // A list without end is not followed.
    const endless = { checkpoints: async () => ({ found: [], next: 0 }) };
    expect(await fetchLog(serviceOf(leaves, endless), folder, keys)).toMatchObject({ events: 300 });
    await expect(fetchLog(serviceOf(leaves, { checkpoint: async () => 'x' }), folder, keys)).rejects.toMatchObject({
      code: 'malformed',
    });
  });
});
