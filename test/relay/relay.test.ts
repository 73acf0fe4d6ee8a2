// The relay's loop where the disk fails: an alarm stays for as long as the fault does.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Files } from '../../src/relay/ports.ts';
import { factsBy } from '../../src/relay/read-facts.ts';
import { openRelay } from '../../src/relay/relay.ts';
import { newState } from '../../src/relay/state.ts';
import { until } from '../support/until.ts';
import { newDisk } from './model/disk.ts';
import { newVault, sealInClear } from './model/vault.ts';

const FOLDERS = { spool: '/spool', tmp: '/spool/tmp', rejected: '/spool/rejected' };

it('a sealed file that cannot be deleted raises an alarm until it can', async () => {
  const disk = newDisk(() => 0);
  disk.write('/pbx/a.wav', Buffer.from('spoken words'));
  disk.write('/pbx/a.json', Buffer.from('{"call_id":"a"}'));
  const vault = newVault();
  let [isDenied, passes] = [true, 0];
  const plain = disk.files(
    () => Promise.resolve(),
    () => 1e12,
  );
  const files: Files = {
    ...plain,
    list: (folder, unread) => {
      if (folder === '/pbx') passes += 1;
      return plain.list(folder, unread);
    },
    remove: (path) =>
      isDenied && path.endsWith('.sealed')
        ? Promise.reject(Object.assign(new Error(), { code: 'EACCES' }))
        : plain.remove(path),
  };
  const state = newState(() => undefined);
  // A hundred times as fast.
  const clock = {
    monotonic: () => performance.now() * 100,
    now: () => Date.now(),
    sleep: (milliseconds: number, signal: AbortSignal) =>
      sleep(milliseconds / 100, undefined, { signal }).catch(() => undefined),
  };
  const relay = openRelay({
    ...{ files, folders: FOLDERS, clock, state, random: () => 0, log: () => undefined },
    ...{ seal: sealInClear, newId: () => '00000000-0000-4000-8000-000000000001', passMs: 100, alarmAfterMs: 1e9 },
    rules: { folders: ['/pbx'], types: new Map([['wav', 'audio/wav']]), settledMs: 1, withoutSidecarMs: 1 },
    limits: { spoolBytes: 1e9, freeBytes: 0 },
    facts: factsBy({ patterns: [], source: 'pbx' }, () => 0),
    upload: async (_id, file) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of file.bytes()) pieces.push(Uint8Array.from(piece));
      return vault.put(Buffer.concat(pieces));
    },
  });
  const ended = new AbortController();
  const running = relay.run(ended.signal);
  await until('the alarm is raised', () => state.alarms().upload_failed === 1, { seen: state.alarms });
  const before = passes;
  await until('passes went by', () => passes > before + 3);
  expect(state.alarms()).toEqual({ upload_failed: 1 });
  isDenied = false;
  await until('the alarm ends', () => Object.keys(state.alarms()).length === 0, { seen: state.alarms });
  expect(relay.spool.counts().sealed).toBe(0);
  expect(disk.paths()).toEqual([]);
  ended.abort();
  await running;
});
