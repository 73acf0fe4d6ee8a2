// Claims that a crash left half finished, where another relay has gone on meanwhile.
import { describe, expect, it } from 'vitest';
import { finishClaims } from '../../src/relay/claims.ts';
import { claimOf } from '../../src/relay/names.ts';
import { newDisk } from './model/disk.ts';

const ID = '0190f2e4-6c5d-4e8f-9a0b-1c2d3e4f5a6b';
const SIDECAR = Buffer.from('{"call_id":"a"}');

/** A folder with these files and the claim of a sidecar, whose audio is not claimed. */
async function withSidecar(files: readonly string[], change: string | null = null) {
  const disk = newDisk(() => 0);
  const ports = disk.files(
    () => Promise.resolve(),
    () => 1e9,
  );
  disk.write('/pbx/a.json', SIDECAR);
  const version = await ports.version('/pbx/a.json');
  if (version === null) throw new Error('no sidecar');
  const claim = claimOf(ID, '/pbx/a.json', version);
  await ports.rename('/pbx/a.json', claim.path);
  if (change !== null) disk.append(claim.path, Buffer.from(change));
  for (const path of files) disk.write(path, Buffer.from('spoken words'));
  return { disk, finish: (sealed: boolean) => finishClaims(ports, [claim], sealed) };
}

describe('the claim of a sidecar alone', () => {
  it.each([true, false])('is deleted: its audio was, once it was sealed (still in the spool: %s)', async (sealed) => {
    const { disk, finish } = await withSidecar([]);
    expect(await finish(sealed)).toBe(true);
    expect(disk.paths()).toEqual([]);
  });

  it('joins its audio again, which was put back with a mark', async () => {
    const { disk, finish } = await withSidecar(['/pbx/a.callvault-0190f2e4.wav', '/pbx/other.wav']);
    expect(await finish(false)).toBe(false);
    expect(disk.paths().sort()).toEqual([
      '/pbx/a.callvault-0190f2e4.json',
      '/pbx/a.callvault-0190f2e4.wav',
      '/pbx/other.wav',
    ]);
  });

  it('is put back where the telephone system wrote audio again, or changed the sidecar', async () => {
    const again = await withSidecar(['/pbx/a.wav']);
    expect(await again.finish(true)).toBe(false);
    expect(again.disk.paths().sort()).toEqual(['/pbx/a.json', '/pbx/a.wav']);
    const changed = await withSidecar([], ' ');
    expect(await changed.finish(true)).toBe(false);
    expect(changed.disk.paths()).toEqual(['/pbx/a.json']);
  });
});
