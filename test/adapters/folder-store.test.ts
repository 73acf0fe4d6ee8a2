// The folder store's threads: what an attempt left behind, and pieces whose memory is reused.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { folderStore } from '../../src/adapters/local/folder-store.ts';
import { gather } from '../contract/tested-store.ts';

const PLACE = { region: '', bucket: '', prefix: '' };
const WAIT = { signal: new AbortController().signal };

let root: string;
const staged = (): string[] => readdirSync(join(root, '.staging'));

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'callvault-folder-'));
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a put of the folder store', () => {
  it('replaces the incomplete file of an earlier attempt, and leaves none', async () => {
    const store = folderStore(root);
    await store.beginUpload(PLACE, 'a/b', 'op', WAIT);
    const [left = ''] = staged();
    writeFileSync(join(root, '.staging', left), 'half');
    await store.put(PLACE, 'a/b', Buffer.from('whole'), 'op', WAIT);
    expect(readFileSync(join(root, 'a/b'), 'utf8')).toBe('whole');
    expect(staged()).toEqual([]);
  });

  it('stores a view of shared memory, and of a larger buffer, by its own bytes', async () => {
    const store = folderStore(root);
    const shared = Buffer.from(new SharedArrayBuffer(100)).fill(7);
    await store.put(PLACE, 'v/shared', shared.subarray(10, 20), 'op-1', WAIT);
    await store.put(PLACE, 'v/own', Buffer.alloc(100, 8).subarray(10, 30), 'op-2', WAIT);
    expect(readFileSync(join(root, 'v/shared'))).toEqual(Buffer.alloc(10, 7));
    expect(readFileSync(join(root, 'v/own'))).toEqual(Buffer.alloc(20, 8));
  });

  it('copies the bytes of no more puts at once than there are threads', async () => {
    const store = folderStore(root);
    const bytes = Buffer.alloc(8_388_608, 5);
    const before = process.memoryUsage().arrayBuffers;
    const puts = Array.from({ length: 12 }, (_, n) => store.put(PLACE, `copies/${n}`, bytes, `op-${n}`, WAIT));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * bytes.length);
    await Promise.all(puts);
    for (let n = 0; n < 12; n++) expect(readFileSync(join(root, `copies/${n}`)).equals(bytes)).toBe(true);
  });

  it('keeps more puts and reads at once apart than there are threads', async () => {
    const store = folderStore(root);
    const bytes = (n: number): Buffer => Buffer.alloc(300_000, n);
    await Promise.all(Array.from({ length: 20 }, (_, n) => store.put(PLACE, `many/${n}`, bytes(n), `op-${n}`, WAIT)));
    const read = await Promise.all(
      Array.from({ length: 20 }, (_, n) => gather(store.read(PLACE, `many/${n}`, 0, 300_001, WAIT))),
    );
    for (const [n, got] of read.entries()) expect(got.equals(bytes(n))).toBe(true);
  });
});
