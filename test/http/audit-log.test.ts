// The sealed log over HTTP: proofs, checkpoints, tiles and bundles, as a reader with a public key verifies them.
import { describe, expect, it } from 'vitest';
import { leafHash } from '../../src/model/audit-event.ts';
import { readCheckpoint } from '../../src/model/log/checkpoint.ts';
import { readEntries } from '../../src/model/log/entries.ts';
import { openNote, readVerifierKey } from '../../src/model/log/note.ts';
import { readTlogProof } from '../../src/model/log/tlog-proof.ts';
import { createEdge } from '../../src/model/log/tree/edge.ts';
import { tilePath, tilesOf } from '../../src/model/log/tree/tiles.ts';
import { isIncluded } from '../../src/model/log/tree/verify-proof.ts';
import { noteCrypto } from '../../src/vault/core/proofs/note-crypto.ts';
import { countQueries } from '../support/query-counts.ts';
import { auditReader, growTenant, sealTenant, sizeOf, verifierOf } from '../support/sealed-tenant.ts';
import { wav } from '../support/wav.ts';
import { freshWorld, sharedWorld } from '../support/worlds.ts';
import { expectProblem } from './problem.ts';

const { sha256 } = noteCrypto;

/** The checkpoint of a note by this key. */
function opened(note: string, verifier: string) {
  const key = readVerifierKey(verifier, sha256);
  const text = key === null ? null : openNote(note, [key], noteCrypto);
  return readCheckpoint(text ?? '') ?? expect.fail('the note is signed by another key');
}

describe('a log that was never sealed', () => {
  const world = freshWorld({ signed: true });

  it('has no checkpoint, tile or proof yet', async () => {
    const { key } = world.harbour.auditor;
    for (const path of ['log/checkpoint', 'log/tile/0/000.p/1', 'proof?index=0']) {
      const reply = await world.call('GET', `/v1/audit/${path}`, { key });
      expect(reply.headers.get('retry-after')).toBe('60');
      await expectProblem(reply, 409, 'not_sealed');
    }
    const list = await world.call('GET', '/v1/audit/checkpoints', { key });
    expect(await list.json()).toEqual({ data: [], next_cursor: null });
  });
});

describe('without a signing key', () => {
  const world = freshWorld();

  it('says that this process cannot prove anything', async () => {
    const { key } = world.harbour.auditor;
    const reply = await world.call('GET', '/v1/audit/proof?index=0', { key });
    expect((await expectProblem(reply, 503, 'not_available')).detail).toContain('CALLVAULT_SIGNER');
  });
});

describe('a sealed log', () => {
  const world = sharedWorld({ signed: true });

  it('proves the event of a receipt that a client kept, and shows its leaf to the actor', async () => {
    const { harbour } = world;
    const reply = await world.ingest(harbour, 'call-1', wav(10));
    const [log = '', index = '', hash = ''] = (reply.headers.get('vault-audit') ?? '').split(' ');
    const query = `/v1/audit/proof?index=${index}&hash=${encodeURIComponent(hash)}`;
    await expectProblem(await world.call('GET', query, { key: harbour.uploader.key }), 409, 'not_sealed');
    await sealTenant(world, harbour.tenant);
    const proof = await world.call('GET', query, { key: harbour.uploader.key });
    expect(proof.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    const read = readTlogProof(await proof.text()) ?? expect.fail('no proof');
    const checkpoint = opened(read.note, verifierOf(world, harbour.tenant));
    expect([read.index, checkpoint.log]).toEqual([Number(index), log]);
    expect(isIncluded({ index: read.index, hash: Buffer.from(hash, 'base64') }, checkpoint, read.path, sha256)).toBe(
      true,
    );
    expect(leafHash(read.extra ?? new Uint8Array(0)).toString('base64')).toBe(hash);
    // A plus that a client did not encode arrives as a space.
    const raw = `/v1/audit/proof?index=${index}&hash=${hash}`;
    expect((await world.call('GET', raw, { key: harbour.uploader.key })).status).toBe(200);
    const other = await world.call('GET', query, { key: harbour.reviewer.key });
    expect(readTlogProof(await other.text())).toMatchObject({ index: Number(index), path: read.path });
    expect(readTlogProof(await (await world.call('GET', query, { key: harbour.reviewer.key })).text())?.extra).toBe(
      undefined,
    );
    const seen = await world.call('GET', `/v1/audit/proof?index=${index}`, { key: harbour.auditor.key });
    expect(readTlogProof(await seen.text())?.extra).toEqual(read.extra);
  });

  it('proves every event, at sizes around a full tile', { timeout: 60_000 }, async () => {
    const { tenant, auditor } = world.yunhai;
    const read = auditReader(world, auditor);
    for (const size of [255, 256, 257, 513]) {
      await growTenant(world, tenant, size - (await sizeOf(world, tenant)) - (size === 255 ? 2 : 0));
      await sealTenant(world, tenant);
      const checkpoint = opened((await read('log/checkpoint')).toString(), verifierOf(world, tenant));
      for (const index of [0, 1, 127, 254, 255, 256, checkpoint.size - 1].filter((one) => one < checkpoint.size)) {
        const proof = readTlogProof((await read(`proof?index=${index}`)).toString()) ?? expect.fail('no proof');
        const leaf = { index, hash: leafHash(proof.extra ?? new Uint8Array(0)) };
        expect(isIncluded(leaf, opened(proof.note, verifierOf(world, tenant)), proof.path, sha256)).toBe(true);
      }
    }
  });

  it('serves tiles, bundles and checkpoints from which its root follows', async () => {
    const { tenant, auditor } = world.yunhai;
    const read = auditReader(world, auditor);
    const checkpoint = opened((await read('log/checkpoint')).toString(), verifierOf(world, tenant));
    const edge = createEdge(sha256);
    for (const { level, index, width } of tilesOf(checkpoint.size)) {
      const tile = await read(`log/${tilePath(level, index, width)}`);
      expect(tile.length).toBe(width * 32);
      if (level > 0) continue;
      const leaves = readEntries(await read(`log/${tilePath('entries', index, width)}`)) ?? [];
      expect(Buffer.concat(leaves.map(leafHash))).toEqual(tile);
      for (const leaf of leaves) edge.add(leafHash(leaf));
      // Any narrower tile up to the size is served too, and is the beginning of it.
      const narrow = await read(`log/${tilePath(level, index, Math.min(7, width))}`);
      expect(narrow).toEqual(tile.subarray(0, Math.min(7, width) * 32));
    }
    expect(edge.root()).toEqual(Buffer.from(checkpoint.root));
    const pages: { size: number; note: string }[] = [];
    for (let cursor: string | null = '0'; cursor !== null; ) {
      const page = JSON.parse((await read(`checkpoints?limit=2&cursor=${cursor}`)).toString()) as {
        data: { size: number; note: string }[];
        next_cursor: string | null;
      };
      pages.push(...page.data);
      cursor = page.next_cursor;
    }
    expect(pages.map(({ note, size }) => opened(note, verifierOf(world, tenant)).size - size)).toEqual([0, 0, 0, 0]);
    expect(pages.at(-1)?.size).toBe(checkpoint.size);
  });

  it('lets a reader keep full tiles, and nothing else, for the same credential', async () => {
    const { key } = world.yunhai.auditor;
    const headersOf = async (path: string) => (await world.call('GET', `/v1/audit/log/${path}`, { key })).headers;
    const full = await headersOf('tile/entries/000');
    expect(full.get('cache-control')).toBe('private, max-age=31536000, immutable');
    expect(full.get('vary')).toBe('Authorization, Cookie');
    expect(full.get('content-type')).toBe('application/octet-stream');
    expect((await headersOf('tile/entries/000.p/9')).get('cache-control')).toBe('no-store');
    expect((await headersOf('checkpoint')).get('cache-control')).toBe('no-store');
  });

  it('reads tiles for a proof, not the log', { timeout: 120_000 }, async () => {
    const { tenant, auditor } = world.yunhai;
    const read = auditReader(world, auditor);
    await growTenant(world, tenant, 66_000);
    await sealTenant(world, tenant);
    await read('proof?index=300');
    const { counted, texts } = await countQueries(() => read('proof?index=300'));
    // The event, its tile, the growing one, and two of each level above.
    expect(texts.filter((text) => text.includes('audit_event')).length).toBeLessThanOrEqual(3);
    expect(texts.filter((text) => text.includes('audit_tile')).length).toBeLessThanOrEqual(4);
    expect(counted.statements).toBeLessThanOrEqual(16);
    expect(counted.reads).toBeLessThanOrEqual(3);
  });
});
