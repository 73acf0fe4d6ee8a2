// The alarm of a relay without an ingest key: once the vault was asked, not at each first start.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { ClientAnswer } from '../../src/client/client.ts';
import { newState } from '../../src/relay/state.ts';
import { watchKey } from '../../src/relay/watch-key.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'callvault-watch-key-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Lines of the log of a relay that starts without a key and asks once. */
async function startedWith(answer: ClientAnswer): Promise<string[]> {
  const lines: string[] = [];
  const log = (event: string, values: Readonly<Record<string, unknown>> = {}): void =>
    void lines.push(`${event} ${String(values['alarm'] ?? '')}`.trim());
  const stop = new AbortController();
  const watch = await watchKey({
    client: { send: async () => answer },
    file: join(folder, 'ingest-key.json'),
    pinned: { tenant: newId('ten'), verifierKey: null, publicKey: null },
    clock: { monotonic: () => 0, now: () => 0, sleep: async () => stop.abort() },
    state: newState(log),
    log,
  });
  await watch.run(stop.signal);
  return lines;
}

it('is not raised where the vault names a key at once', async () => {
  const json = {
    ...{ id: newId('ink'), public: Buffer.alloc(32, 1).toString('base64'), created: '2026-11-01T00:00:00.000Z' },
    note: null,
  };
  expect(await startedWith({ status: 200, json, retryAfterMs: null })).toEqual(['ingest key accepted']);
});

it('is raised where the vault names none', async () => {
  expect(await startedWith({ status: 503, json: null, retryAfterMs: null })).toEqual(['no ingest key', 'alarm no_key']);
});
