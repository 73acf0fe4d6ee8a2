// One pass over the PBX's folders: a call that cannot be sealed never keeps the others in the folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nodeFiles } from '../../src/relay/node-files.ts';
import type { Files } from '../../src/relay/ports.ts';
import { factsBy } from '../../src/relay/read-facts.ts';
import { scan } from '../../src/relay/scan.ts';
import { openSpool } from '../../src/relay/spool.ts';
import { newState } from '../../src/relay/state.ts';
import { watchSteady } from '../../src/relay/steady.ts';
import { newDisk } from './model/disk.ts';
import { sealInClear } from './model/vault.ts';

const FOLDERS = { spool: '/spool', tmp: '/spool/tmp', rejected: '/spool/rejected' };
const NOTHING = () => Promise.resolve();

/** Files of a PBX, by name: audio and its sidecar. */
function pbx(calls: Readonly<Record<string, { readonly bytes: number; readonly sidecar: string }>>) {
  const disk = newDisk(() => 0);
  for (const [name, { bytes, sidecar }] of Object.entries(calls)) {
    disk.write(`/pbx/${name}.wav`, Buffer.alloc(bytes, name));
    disk.write(`/pbx/${name}.json`, Buffer.from(sidecar));
  }
  return { disk, files: disk.files(NOTHING, () => 1e12) };
}

/** Runs a pass in which all calls have been still for long enough. Returns the alarms. */
async function pass(files: Files, { folder = '/pbx', room = 1e12 } = {}) {
  const state = newState(() => undefined);
  const spool = openSpool(files, FOLDERS, () => 0);
  let [now, ids] = [0, 0];
  const steady = watchSteady(() => (now += 1_000_000));
  const deps = {
    ...{ files, folders: FOLDERS, spool, state, steady, log: () => undefined, undeletable: new Map() },
    ...{ seal: sealInClear, newId: () => `00000000-0000-4000-8000-${String(ids++).padStart(12, '0')}` },
    rules: { folders: [folder], types: new Map([['wav', 'audio/wav']]), settledMs: 1, withoutSidecarMs: 1 },
    facts: factsBy({ patterns: [], source: 'pbx' }, () => 0),
    hasRoom: async (bytes: number) => bytes <= room,
  };
  for (let n = 0; n < 2; n++) await scan(deps, new AbortController().signal);
  return state.alarms();
}

const good = (name: string) => ({ bytes: 10, sidecar: JSON.stringify({ call_id: name }) });
const left = (disk: ReturnType<typeof newDisk>) => disk.paths().filter((path) => path.startsWith('/pbx/'));

describe('calls that cannot be sealed', () => {
  it('may be unreadable: the others are sealed', async () => {
    const { disk, files } = pbx(
      Object.fromEntries(['a1', 'a2', 'a3', 'a4', 'a5', 'b'].map((name) => [name, good(name)])),
    );
    const guarded: Files = {
      ...files,
      open: (path) =>
        path.includes('/a') ? Promise.reject(Object.assign(new Error(), { code: 'EACCES' })) : files.open(path),
    };
    expect(await pass(guarded)).toEqual({ call_unreadable: 5 });
    expect(left(disk).filter((path) => path.includes('/b.'))).toEqual([]);
  });

  it.each(['__proto__', 'constructor', 'toString'])('may have a sidecar with a member %s', async (name) => {
    const sidecar = `{"call_id":"c","${name}":"x"}`;
    const { disk, files } = pbx({
      ...Object.fromEntries(['a1', 'a2', 'a3', 'a4', 'a5'].map((one) => [one, { bytes: 10, sidecar }])),
      b: good('b'),
    });
    expect(await pass(files)).toEqual({ sidecar_invalid: 5 });
    expect(left(disk).filter((path) => path.includes('/b.'))).toEqual([]);
  });

  it('may find no room: shorter ones still do', async () => {
    const long = { bytes: 2_000_000, sidecar: '{"call_id":"long"}' };
    const { disk, files } = pbx({ a1: long, a2: long, a3: long, a4: long, a5: long, b: good('b') });
    expect(Object.keys(await pass(files, { room: 1_000_000 }))).toEqual(['spool_full']);
    expect(left(disk).filter((path) => path.includes('/b.'))).toEqual([]);
    expect(left(disk)).toHaveLength(10);
  });

  it('are not read again and again where they are longer than any call', async () => {
    const { files } = pbx({ a: good('a') });
    let reads = 0;
    const huge: Files = {
      ...files,
      version: async (path) => {
        const found = await files.version(path);
        return found !== null && path.endsWith('.wav') ? { ...found, size: 2 ** 50 } : found;
      },
      open: async (path) => {
        const file = await files.open(path);
        if (file === null || !path.endsWith('.wav')) return file;
        const bytes = () => {
          reads += 1;
          return file.bytes();
        };
        return { ...file, bytes, version: { ...file.version, size: 2 ** 50 } };
      },
    };
    expect(await pass(huge)).toEqual({ audio_too_large: 1 });
    expect(reads).toBe(0);
  });

  it.each([
    ['a name that is not UTF-8', ['ller.wav'], { name_taken: 1 }],
    ['a folder whose name is not UTF-8', ['ller', 'a.wav'], { folder_unreadable: 1 }],
  ])('may have %s: an alarm says so', async (_name, [first, ...rest], alarms) => {
    const folder = mkdtempSync(join(tmpdir(), 'cv-scan-'));
    try {
      const path = Buffer.concat([Buffer.from(`${folder}/M`), Buffer.from([0xfc]), Buffer.from(first ?? '')]);
      if (rest.length > 0) mkdirSync(path);
      writeFileSync(rest.length > 0 ? Buffer.concat([path, Buffer.from(`/${rest.join('/')}`)]) : path, 'x');
      const { files } = pbx({});
      expect(await pass({ ...files, list: nodeFiles.list, version: nodeFiles.version }, { folder })).toEqual(alarms);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('may lie deeper than folders are read: an alarm says so', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cv-scan-'));
    try {
      mkdirSync(join(folder, '1/2/3/4/5/6/7/8/9'), { recursive: true });
      const { files } = pbx({});
      expect(await pass({ ...files, list: nodeFiles.list, version: nodeFiles.version }, { folder })).toEqual({
        folder_too_deep: 1,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
