// A real call into the relay: the recording grows in the folder that the relay watches, the recipe writes its sidecar after the
// call, and the vault has the whole call. Nothing of it stays in plain text.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { relayConfigFrom } from '../../src/relay/config.ts';
import { runRelay } from '../../src/relay/run.ts';
import { maintainIngestKeys } from '../../src/vault/keys/ingest/maintain.ts';
import { type Archive, newArchive } from '../support/archives.ts';
import { needs } from '../support/needs.ts';
import { startCall } from '../support/real-call.ts';
import { until } from '../support/until.ts';
import { sharedWorld } from '../support/worlds.ts';

const sip = needs('sip-tester');
const world = sharedWorld({ signed: true });
let archive: Archive;
beforeEach(() => {
  archive = newArchive(world.harbour.uploader.key);
});
afterEach(() => archive.end());

/** The recipes' program that writes a sidecar: a script without types. */
async function writeSidecar(path: string, metadata: object): Promise<void> {
  const script = '../../docs/recipes/relay/write-sidecar.mjs';
  const recipe = (await import(script)) as { writeSidecar: (path: string, metadata: object) => void };
  recipe.writeSidecar(path, metadata);
}

async function stored(): Promise<Record<string, unknown> | undefined> {
  const reply = await world.call('GET', '/v1/recordings?limit=200', { key: world.harbour.reviewer.key });
  const { data } = (await reply.json()) as { data: Record<string, unknown>[] };
  return data.find((one) => one['source'] === 'sip' && one['state'] === 'available');
}

describe.skipIf(!sip.present)(`a real call ${sip.reason}`, () => {
  it('is sealed and uploaded once it has ended, and not before', async () => {
    const spool = join(archive.top, 'spool');
    mkdirSync(spool);
    await maintainIngestKeys(world.vault, { signal: AbortSignal.timeout(60_000) });
    const { url } = await world.listen();
    const call = await startCall(4, '+442079460123');
    const recording = call.recording() ?? '';
    const config = relayConfigFrom({
      ...{ url, tenant: world.harbour.tenant, source: 'sip', credential: archive.credential, spool },
      ...{ folders: [dirname(recording)], settled_seconds: 1 },
    });
    const end = new AbortController();
    const lines: string[] = [];
    const running = runRelay(config, (...line) => void lines.push(JSON.stringify(line)), end.signal);
    try {
      await call.ended();
      // The call took seconds, the relay looked at it meanwhile, and the file is still there.
      expect(readdirSync(dirname(recording))).toContain(basename(recording));
      expect(await stored()).toBeUndefined();
      const seconds = readFileSync(recording).readUInt32LE(40) / 16_000;
      expect(seconds).toBeGreaterThan(2);
      await writeSidecar(recording.replace('.wav', '.json'), {
        call_id: 'sip-1',
        from: '+442079460123',
        direction: 'inbound',
      });
      await until('the vault has the call', async () => (await stored()) !== undefined, {
        everyMs: 200,
        seen: () => lines,
      });
      expect(await stored()).toMatchObject({
        call_id: 'sip-1',
        direction: 'inbound',
        duration_ms: Math.round(seconds * 1000),
      });
      const left = readdirSync(dirname(recording)).filter((name) => name.includes('-dec'));
      expect(left).toEqual([]);
      expect(lines.join('')).not.toMatch(/4420794|dump-/);
    } finally {
      end.abort();
      await running;
      await call.end();
    }
  });
});
