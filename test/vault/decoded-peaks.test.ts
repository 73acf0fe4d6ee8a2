// Peaks of MP3 and Opus: stored with the audio, missing where decoding fails, and added by re-encryption.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decoderPool } from '../../src/adapters/media/decoder-pool.ts';
import { mediaProbes } from '../../src/adapters/media/probes.ts';
import type { MediaProbes } from '../../src/ports/media-probe.ts';
import type { Vault } from '../../src/vault/core/vault.ts';
import { deposit } from '../../src/vault/deposit/deposit.ts';
import type { UploadBody } from '../../src/vault/deposit/upload-bytes.ts';
import { patientProbes, peaksHeader, probeFile } from '../support/decoded-sound.ts';
import { guardedVault } from '../support/guarded.ts';
import { mediaFile } from '../support/media-files.ts';
import { reencryptAndCollect, rowsOf } from '../support/reencrypt.ts';
import { bodyOf } from '../support/vault.ts';
import { freshVault } from '../support/vaults.ts';

const CALLS = [
  ['MP3', 'audio/mpeg', 'mpeg25.mp3'],
  ['Opus', 'audio/ogg', 'opus.ogg'],
] as const;

let patient: MediaProbes;
const test = freshVault();
beforeAll(() => {
  patient = patientProbes();
});
afterAll(() => patient.close());

const withProbes = (probes: MediaProbes): Vault => guardedVault({ ...test.vault, probes });
const put = (vault: Vault, type: string, body: UploadBody, callId = 'one') =>
  deposit(
    vault,
    test.uploader,
    { target: { metadata: { source: 'pbx', callId, leg: '0' } }, name: 'audio', type, body },
    test.request,
  );
const objects = (id: string) => test.vault.db.read((rows) => rows.deposits.objects(test.tenant, id), test.request);
const sizesOf = async (id: string) => Object.fromEntries((await objects(id)).map(({ name, size }) => [name, size]));

describe.each(CALLS)('a call in %s', (_, type, name) => {
  const bytes = mediaFile(name);

  it('has peaks and a duration', async () => {
    const { peaks } = await probeFile(patient, type, bytes);
    const done = await put(withProbes(patient), type, bodyOf(bytes));
    expect(await sizesOf(done.deposit)).toEqual({ audio: bytes.length, peaks: 12 + 4 * peaksHeader(peaks).count });
    const { row } = await rowsOf(test, done.recording);
    expect([row?.channels, row?.durationMs]).toEqual([2, (await probeFile(patient, type, bytes)).durationMs]);
  });

  it('whose decoder fails is stored without peaks, with its duration, and gets peaks when it is re-encrypted', async () => {
    const worker = new URL('../support/broken-decoder.ts', import.meta.url);
    const pool = decoderPool({ worker, threads: 1, times: { startMs: 1, baseMs: 0, perMibMs: 0 } });
    const done = await put(withProbes(mediaProbes(pool)), type, bodyOf(bytes));
    await pool.close();
    expect(await sizesOf(done.deposit)).toEqual({ audio: bytes.length });
    const before = await rowsOf(test, done.recording);
    expect(before.row?.durationMs).toBeGreaterThan(1_900);
    const [again] = await reencryptAndCollect(test, done.recording, withProbes(patient));
    expect(Object.keys(await sizesOf(again?.to ?? ''))).toEqual(['audio', 'peaks']);
    expect((await rowsOf(test, done.recording)).row?.durationMs).toBe(before.row?.durationMs);
  });
});

/** Probes with a long patience, and the outcome of those that began. */
function watched() {
  const seen = { begun: 0, pushed: 0, finished: 0, closed: 0 };
  const begin: MediaProbes['begin'] = (...given) => {
    seen.begun += 1;
    const probe = patient.begin(...given);
    return {
      type: probe.type,
      soundAt: probe.soundAt,
      push: (piece) => {
        seen.pushed += piece.length;
        probe.push(piece);
      },
      room: probe.room,
      finish: () => {
        seen.finished += 1;
        return probe.finish();
      },
      close: () => {
        seen.closed += 1;
        probe.close();
      },
    };
  };
  return { vault: withProbes({ ...patient, begin }), seen };
}

describe('a decoder', () => {
  const mp3 = mediaFile('mpeg25.mp3');

  it('is closed where the body breaks off', async () => {
    const { vault, seen } = watched();
    const cut: UploadBody = { ...bodyOf(mp3), length: mp3.length + 1 };
    await expect(put(vault, 'audio/mpeg', cut)).rejects.toMatchObject({ code: 'body_cut' });
    expect(seen).toMatchObject({ begun: 1, finished: 0 });
    expect(seen.closed).toBeGreaterThan(0);
  });

  it('does not decode the same call again', async () => {
    await put(withProbes(patient), 'audio/mpeg', bodyOf(mp3));
    const { vault, seen } = watched();
    expect(await put(vault, 'audio/mpeg', bodyOf(mp3))).toMatchObject({ created: false });
    expect(seen).toMatchObject({ begun: 1, pushed: 0, finished: 0 });
    expect(seen.closed).toBeGreaterThan(0);
  });

  it('is waited for while the body arrives: a call of more than 4 MiB has peaks at once', async () => {
    const long = Buffer.alloc(5_000 * mp3.length, mp3);
    expect(long.length).toBeGreaterThan(12 * 1_048_576);
    // However long that takes: an upload waits for ten seconds in all.
    const begin: MediaProbes['begin'] = (...given) => {
      const probe = patient.begin(...given);
      return { ...probe, room: () => probe.room() };
    };
    const done = await put(withProbes({ ...patient, begin }), 'audio/mpeg', bodyOf(long));
    expect(Object.keys(await sizesOf(done.deposit))).toEqual(['audio', 'peaks']);
  });
});
