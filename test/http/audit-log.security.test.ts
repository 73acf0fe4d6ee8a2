// What the routes of the sealed log must not reveal, and rows that someone with the database changed.
import { describe, expect, it } from 'vitest';
import { readTlogProof } from '../../src/model/log/tlog-proof.ts';
import { signInBrowser } from '../support/browser.ts';
import { growTenant, sealTenant, sizeOf } from '../support/sealed-tenant.ts';
import { wav } from '../support/wav.ts';
import { freshWorld, sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

type Receipt = { readonly index: number; readonly hash: string };

const receiptOf = (reply: Response): Receipt => {
  const [, index = '', hash = ''] = (reply.headers.get('vault-audit') ?? '').split(' ');
  return { index: Number(index), hash };
};
const proofPath = ({ index, hash }: Receipt): string =>
  `/v1/audit/proof?index=${index}&hash=${encodeURIComponent(hash)}`;

describe('a proof', () => {
  const world = sharedWorld({ signed: true });

  it('needs the hash from everyone but auditors, and says nothing about a wrong or foreign one', async () => {
    const { harbour, yunhai } = world;
    const ours = receiptOf(await world.ingest(harbour, 'call-1', wav(10)));
    const theirs = receiptOf(await world.ingest(yunhai, 'call-1', wav(10)));
    await sealTenant(world, harbour.tenant);
    await sealTenant(world, yunhai.tenant);
    const unsealed = receiptOf(await world.ingest(harbour, 'call-2', wav(10)));
    for (const role of ['uploader', 'reviewer', 'supervisor', 'privacy', 'admin'] as const) {
      const { key } = harbour[role];
      const bare = await world.call('GET', `/v1/audit/proof?index=${ours.index}`, { key });
      expect((await expectProblem(bare, 400, 'malformed')).errors?.[0]?.pointer).toBe('/hash');
      const texts = new Set<string>();
      const wrong = Buffer.alloc(32).toString('base64');
      for (const one of [
        { index: ours.index, hash: wrong },
        { index: ours.index, hash: theirs.hash },
        { index: theirs.index, hash: theirs.hash },
        // A guess at an event that is not sealed yet, and one past the end.
        { index: unsealed.index, hash: wrong },
        { index: 1_000_000, hash: ours.hash },
        { index: 999_999_999_999_999, hash: ours.hash },
      ]) {
        const problem = await expectProblem(await world.call('GET', proofPath(one), { key }), 404, 'not_found');
        texts.add(JSON.stringify({ ...problem, request_id: '' }));
      }
      expect(texts.size).toBe(1);
      await expectProblem(await world.call('GET', proofPath(unsealed), { key }), 409, 'not_sealed');
    }
    for (const one of [theirs, { index: ours.index, hash: theirs.hash }]) {
      await expectProblem(await world.call('GET', proofPath(one), { key: harbour.auditor.key }), 404, 'not_found');
    }
  });

  it('shows the leaf to auditors and the actor only', async () => {
    const { harbour } = world;
    const made = receiptOf(await world.ingest(harbour, 'call-3', wav(10)));
    await sealTenant(world, harbour.tenant);
    for (const role of ['reviewer', 'supervisor', 'privacy', 'admin', 'other', 'uploader', 'auditor'] as const) {
      const text = await (await world.call('GET', proofPath(made), { key: harbour[role].key })).text();
      expect([role, readTlogProof(text)?.extra !== undefined]).toEqual([
        role,
        role === 'uploader' || role === 'auditor',
      ]);
      if (role === 'reviewer') expect(text).not.toContain('extra');
    }
  });

  it('is of the deployment’s log for operators', async () => {
    const operator = await world.operator('ops-7');
    await sealTenant(world, 'deployment');
    const browser = await signInBrowser(world, 'deployment', operator);
    const proofOf = (hash: Uint8Array) =>
      browser.call('GET', proofPath({ index: 0, hash: Buffer.from(hash).toString('base64') }));
    const read = (log: string) =>
      world.vault.db.read((rows) => rows.log.events(log, 0, 1), { signal: AbortSignal.timeout(9_000) });
    const [[first], [foreign]] = [await read('deployment'), await read(world.harbour.tenant)];
    const text = await (await proofOf(first?.hash ?? new Uint8Array(0))).text();
    expect(readTlogProof(text)?.note).toMatch(/^vault\.example\/deployment\n/);
    await expectProblem(await proofOf(foreign?.hash ?? new Uint8Array(0)), 404, 'not_found');
  });

  it.each([
    ...['', '?index=', '?index=-1', '?index=1.5', '?index=x', '?index=1e300', '?index=0&hash=', '?index=0&hash=abc'],
    ...[`?index=0&hash=${'A'.repeat(42)}B=`, `?index=0&hash=${'a'.repeat(64)}`, '?index=0&extra=1'],
  ])('rejects %s', async (query) => {
    const reply = await world.call('GET', `/v1/audit/proof${query}`, { key: world.harbour.auditor.key });
    await expectProblem(reply, 400, 'malformed');
  });
});

describe('a tile', () => {
  const world = sharedWorld({ signed: true });

  it.each([
    ...['0/0', '0/0000', '0/000.p/0', '0/000.p/256', '0/000.p/257', '0/000.p/01', '0/000.p/', '00/000', '0/x000/000'],
    ...[
      '-1/000',
      '64/000',
      '100/000',
      'entries/x001',
      'entries/000/',
      'Entries/000',
      '0/..%2f000',
      '0/000%00',
      '0',
      '0/',
    ],
    ...['0/999', 'entries/x999/x999/x999/x999/999', '1/000', '7/000.p/1', "0/000' or 1=1", '%E2%80%AE'],
  ])('has no path %s', async (path) => {
    const { tenant, auditor } = world.harbour;
    await sealTenant(world, tenant);
    const reply = await world.call('GET', `/v1/audit/log/tile/${path}`, { key: auditor.key });
    await expectProblem(reply, 404, 'not_found');
  });

  it('never has an event that is not sealed, nor one of another tenant', async () => {
    const { harbour, yunhai } = world;
    await sealTenant(world, harbour.tenant);
    await sealTenant(world, yunhai.tenant);
    const sealed = await sizeOf(world, harbour.tenant);
    await growTenant(world, harbour.tenant, 1);
    const at = (width: number, key: string) => world.call('GET', `/v1/audit/log/tile/entries/000.p/${width}`, { key });
    const bundle = await (await at(sealed, harbour.auditor.key)).text();
    expect(bundle).toContain(harbour.tenant);
    await expectProblem(await at(sealed + 1, harbour.auditor.key), 404, 'not_found');
    expect(await (await at(10, yunhai.auditor.key)).text()).not.toContain(harbour.tenant);
  });
});

describe('with rows that were changed', () => {
  const world = freshWorld({ signed: true });
  const change = (statement: string, ...values: unknown[]): void => {
    const triggers = world.sql.prepare("select name, sql from sqlite_master where type = 'trigger'").all();
    for (const { name } of triggers as { name: string }[]) world.sql.exec(`drop trigger ${name}`);
    world.sql.prepare(statement).run(...values);
    for (const { sql } of triggers as { sql: string }[]) world.sql.exec(sql);
  };
  const get = (path: string) => world.call('GET', `/v1/audit/${path}`, { key: world.harbour.auditor.key });
  const prepared = async (): Promise<string> => {
    const { tenant } = world.harbour;
    await growTenant(world, tenant, 600);
    await sealTenant(world, tenant);
    expect((await get('proof?index=3')).status).toBe(200);
    return tenant;
  };
  it('sends no proof over a forged tile', async () => {
    const tenant = await prepared();
    change('update audit_tile set hashes = zeroblob(64) where log = ? and level = 1', tenant);
    await expectProblem(await get('proof?index=3'), 500, 'integrity');
  });

  it('sends no proof where a tile is missing', async () => {
    const tenant = await prepared();
    change('delete from audit_tile where log = ?', tenant);
    await expectProblem(await get('proof?index=3'), 500, 'integrity');
  });

  it('sends no proof or bundle with a forged event, nor where an event is missing', async () => {
    const tenant = await prepared();
    change("update audit_event set leaf = cast(replace(leaf, 'ok', 'no') as blob) where log = ? and seq = 3", tenant);
    await expectProblem(await get('proof?index=3'), 500, 'integrity');
    await expectProblem(await get('log/tile/entries/000'), 500, 'integrity');
    await expectProblem(await get('log/tile/0/000'), 500, 'integrity');
    change('delete from audit_event where log = ? and seq = 4', tenant);
    await expectProblem(await get('log/tile/0/000'), 500, 'integrity');
  });

  it('sends no proof of an event whose hash was changed with its bytes', async () => {
    const tenant = await prepared();
    const other = world.sql.prepare('select leaf, hash from audit_event where log = ? and seq = 9').get(tenant);
    const { leaf, hash } = other as { leaf: Buffer; hash: Buffer };
    change('update audit_event set leaf = ?, hash = ? where log = ? and seq = 3', leaf, hash, tenant);
    await expectProblem(await get('proof?index=3'), 500, 'integrity');
  });

  it('sends no checkpoint under another size, of another log, or with another text', async () => {
    const tenant = await prepared();
    const size = await sizeOf(world, tenant);
    await sealTenant(world, world.yunhai.tenant);
    type Row = { size: number; note: string };
    const sealOf = (log: string) =>
      world.sql.prepare('select size, note from audit_seal where log = ?').get(log) as Row;
    const [ours, theirs] = [sealOf(tenant), sealOf(world.yunhai.tenant)];
    for (const { size: at, note } of [
      { size: size + 1, note: ours.note },
      theirs,
      { size: ours.size, note: ours.note.replace(`\n${ours.size}\n`, `\n${ours.size - 1}\n`) },
      { size: ours.size, note: 'no note' },
    ]) {
      change('update audit_seal set size = ?, note = ? where log = ?', at, note, tenant);
      for (const path of ['log/checkpoint', 'log/tile/entries/000', 'proof?index=3']) {
        await expectProblem(await get(path), 500, 'integrity');
      }
    }
  });
});
