// The contract of key services over the keyring, and the checks of its two files.
import { chmod, mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openKeyring } from '../../src/adapters/local/keyring.ts';
import { keyVersionContext } from '../../src/envelope/local-wrap.ts';
import { openMessage } from '../../src/envelope/message.ts';
import { KEYRING_CANNOT, keyringUnderTest } from '../support/keyring-under-test.ts';
import { keyServiceContract } from './key-service.ts';
import { hexOf } from './tested-keys.ts';

const wait = { signal: AbortSignal.timeout(3_600_000) };
const context = { 'vault:use': 'object', 'vault:tenant': 'ten_a' };
const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'callvault-keys-'));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

keyServiceContract({ name: 'the keyring', server: null, cannot: KEYRING_CANNOT }, async () =>
  keyringUnderTest(await newFolder()),
);

type KeyFile = { keys: { id: string; state: string; current: number; versions: { n: number; sealed: string }[] }[] };

describe('the keyring', () => {
  let path: string;
  let root: string;
  const open = () => openKeyring(path, root);
  const edit = async (change: (file: KeyFile) => void): Promise<void> => {
    const file: KeyFile = JSON.parse(await readFile(path, 'utf8'));
    change(file);
    await writeFile(path, JSON.stringify(file));
  };

  beforeEach(async () => {
    const folder = await newFolder();
    [path, root] = [join(folder, 'keyring.json'), join(folder, 'root.key')];
  });
  afterEach(() => rm(path, { recursive: true, force: true }));

  it('rejects a disabled key at once, also in a process that has used it', async () => {
    const keys = await open();
    const key = await keys.createKey('ten_a', 1, wait);
    const { wrapped } = await keys.generateDataKey(key, context, wait);
    await edit((file) => {
      for (const entry of file.keys) entry.state = 'disabled';
    });
    for (const service of [keys, await open()]) {
      await expect(service.unwrap({ ...key, wrapped }, context, wait)).rejects.toMatchObject({ code: 'key_refused' });
      await expect(service.generateDataKey(key, context, wait)).rejects.toMatchObject({ code: 'key_refused' });
    }
  });

  it('rejects a version that the file does not have', async () => {
    const keys = await open();
    const key = await keys.createKey('ten_a', 1, wait);
    const { wrapped } = await keys.generateDataKey(key, context, wait);
    const second = Buffer.from(wrapped);
    second.writeUInt32BE(2);
    const unwrapping = keys.unwrap({ ...key, wrapped: second }, context, wait);
    await expect(unwrapping).rejects.toMatchObject({ code: 'key_refused' });
  });

  it('wraps under the newest version of any process, and keeps all versions', async () => {
    const [one, two] = [await open(), await open()];
    const key = await one.createKey('ten_a', 1, wait);
    const versions: number[] = [];
    for (const keys of [one, two, one]) {
      versions.push((await one.generateDataKey(key, context, wait)).wrapped.at(3) ?? 0);
      versions.push((await two.generateDataKey(key, context, wait)).wrapped.at(3) ?? 0);
      await keys.rotate(key, wait);
    }
    expect(versions).toEqual([1, 1, 2, 2, 3, 3]);
    const { keys: kept }: KeyFile = JSON.parse(await readFile(path, 'utf8'));
    expect(kept.map(({ current, versions: all }) => [current, all.map(({ n }) => n)])).toEqual([[4, [1, 2, 3, 4]]]);
    expect(new Set(kept.flatMap(({ versions: all }) => all.map(({ sealed }) => sealed))).size).toBe(4);
  });

  it('sees every change of its file at the next call, however soon and however small', async () => {
    const keys = await open();
    const key = await keys.createKey('ten_a', 1, wait);
    const { wrapped } = await keys.generateDataKey(key, context, wait);
    for (let n = 0; n < 200; n++) {
      // The same length in the same file: within one tick of the file system's clock only the bytes differ.
      const text = await readFile(path, 'utf8');
      await writeFile(path, text.replace('"enabled"', '"unknown"'));
      await expect(keys.unwrap({ ...key, wrapped }, context, wait)).rejects.toMatchObject({ code: 'key_refused' });
      await writeFile(path, text);
      (await keys.unwrap({ ...key, wrapped }, context, wait)).zero();
    }
  });

  it('reads its file again only after a change', async () => {
    const keys = await open();
    const key = await keys.createKey('ten_a', 1, wait);
    const { dataKey } = await keys.generateDataKey(key, context, wait);
    const { ctimeMs } = await stat(path);
    vi.useFakeTimers({ now: ctimeMs + 1_500, toFake: ['Date'] });
    const parse = vi.spyOn(JSON, 'parse');
    const parsed = async (): Promise<number> => {
      parse.mockClear();
      for (let n = 0; n < 50; n++) await keys.wrap(key, dataKey, context, wait);
      return parse.mock.calls.length;
    };
    try {
      // While the file is so young that another change could have the same time stamps, they prove nothing.
      expect(await parsed()).toBe(50);
      vi.setSystemTime(ctimeMs + 2_500);
      expect(await parsed()).toBe(1);
      expect(await parsed()).toBe(0);
      await edit((file) => {
        for (const entry of file.keys) entry.state = 'disabled';
      });
      await expect(keys.wrap(key, dataKey, context, wait)).rejects.toMatchObject({ code: 'key_refused' });
    } finally {
      parse.mockRestore();
      vi.useRealTimers();
    }
  });

  it('sees a key that another process added, and loses no key that two processes add at once', async () => {
    const [one, two] = [await open(), await open()];
    const key = await two.createKey('ten_b', 1, wait);
    const { dataKey, wrapped } = await two.generateDataKey(key, context, wait);
    expect(hexOf(await one.unwrap({ ...key, wrapped }, context, wait))).toBe(hexOf(dataKey));
    const both = [one, two].flatMap((keys, who) =>
      Array.from({ length: 10 }, (_, n) => keys.createKey(`ten_${who}_${n}`, 1, wait)),
    );
    for (const made of await Promise.all(both)) await one.generateDataKey(made, context, wait);
  });

  it.each([
    ['long ago', -60_000],
    ['just now', 0],
    ['in the future, since the clock was set back', 3_600_000],
  ])('continues after a process that crashed while it held the lock %s', async (_, offset) => {
    const keys = await open();
    await writeFile(`${path}.lock`, '');
    const when = new Date(Date.now() + offset);
    await utimes(`${path}.lock`, when, when);
    expect(await keys.createKey('ten_a', 1, wait)).toMatchObject({ scheme: 'keyring' });
    await expect(stat(`${path}.lock`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('waits for the lock no longer than its caller does', async () => {
    const keys = await open();
    await writeFile(`${path}.lock`, '');
    const since = performance.now();
    const made = keys.createKey('ten_a', 1, { signal: AbortSignal.timeout(100) });
    await expect(made).rejects.toMatchObject({ code: 'key_service_unavailable' });
    expect(performance.now() - since).toBeLessThan(10_000);
  });

  it('creates both files readable only by its user', async () => {
    await (await open()).createKey('ten_a', 1, wait);
    expect((await stat(root)).mode & 0o777).toBe(0o400);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(root)).toHaveLength(32);
  });

  it.each([0o644, 0o440, 0o404, 0o600 | 0o020])('rejects a root key of mode %o', async (mode) => {
    await open();
    await chmod(root, mode);
    await expect(open()).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it('rejects a keyring without its root key, and a root key of another length', async () => {
    await (await open()).createKey('ten_a', 1, wait);
    await rm(root);
    await expect(open()).rejects.toMatchObject({ code: 'config_invalid' });
    await expect(stat(root)).rejects.toMatchObject({ code: 'ENOENT' });
    await writeFile(root, Buffer.alloc(31), { mode: 0o400 });
    await expect(open()).rejects.toMatchObject({ code: 'config_invalid' });
  });

  it.each(['', '{', '[]', 'null', '{"keys":1}'])('rejects a file that contains %j', async (text) => {
    await (await open()).createKey('ten_a', 1, wait);
    await writeFile(path, text);
    await expect(open()).rejects.toMatchObject({ code: 'key_service_unavailable' });
  });

  it.each(['', 'not base64', 'AAAA'])('throws for a key sealed as %j', async (sealed) => {
    const keys = await open();
    const key = await keys.createKey('ten_a', 1, wait);
    const { wrapped } = await keys.generateDataKey(key, context, wait);
    await edit((file) => {
      for (const version of file.keys.flatMap(({ versions }) => versions)) version.sealed = sealed;
    });
    const away = { code: 'key_service_unavailable' };
    await expect(keys.unwrap({ ...key, wrapped }, context, wait)).rejects.toMatchObject(away);
    await expect(keys.generateDataKey(key, context, wait)).rejects.toMatchObject(away);
  });

  it('keeps no key in clear in its file', async () => {
    const keys = await open();
    const { id } = await keys.createKey('ten_a', 1, wait);
    const text = await readFile(path, 'utf8');
    const file: KeyFile = JSON.parse(text);
    const rootKey = await readFile(root);
    const sealed = Buffer.from(file.keys[0]?.versions[0]?.sealed ?? '', 'base64');
    const key = openMessage(rootKey, keyVersionContext(id, 1), sealed);
    for (const secret of [rootKey, key]) {
      expect(secret).toHaveLength(32);
      for (const form of ['hex', 'base64', 'base64url', 'latin1'] as const) {
        expect(text).not.toContain(secret.toString(form).replace(/=$/, '').slice(0, -1));
      }
      expect(sealed.includes(secret)).toBe(false);
    }
  });
});
