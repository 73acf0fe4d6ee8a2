// Sealing of one call where the file changes in ways that its version does not show, or cannot be sealed.
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { VaultError } from '../../src/errors.ts';
import type { Files } from '../../src/relay/ports.ts';
import { type SealDeps, type SealOutcome, sealCall } from '../../src/relay/seal-call.ts';
import { newDisk } from './model/disk.ts';
import { contentOf, sealInClear } from './model/vault.ts';

const FOLDERS = { spool: '/spool', tmp: '/spool/tmp', rejected: '/spool/rejected' };

/** Seals `/pbx/a.wav` with its sidecar; `change` replaces parts of the ports. */
async function seal(
  audio: Buffer,
  change: (files: Files) => Partial<Files> = () => ({}),
  deps: Partial<SealDeps> = {},
): Promise<{ readonly outcome: SealOutcome; readonly disk: ReturnType<typeof newDisk> }> {
  const disk = newDisk(() => 0);
  disk.write('/pbx/a.wav', audio);
  disk.write('/pbx/a.json', Buffer.from('{"call_id":"a"}'));
  const plain = disk.files(
    () => Promise.resolve(),
    () => 1e9,
  );
  const files = { ...plain, ...change(plain) };
  const [audioVersion, version] = await Promise.all([files.version('/pbx/a.wav'), files.version('/pbx/a.json')]);
  if (audioVersion === null || version === null) throw new Error('no files');
  const outcome = await sealCall(
    {
      ...{ files, folders: FOLDERS, seal: sealInClear, newId: () => randomUUID() },
      facts: () => ({ call_id: 'a' }),
      hasRoom: () => Promise.resolve(true),
      committed: () => undefined,
      ...deps,
    },
    { audio: '/pbx/a.wav', audioVersion, type: 'audio/wav', sidecar: { path: '/pbx/a.json', version } },
  );
  return { outcome, disk };
}

const AUDIO = Buffer.from('spoken words');
const BOTH = ['/pbx/a.json', '/pbx/a.wav'];

describe('sealing a call', () => {
  it('leaves one sealed file and no plaintext', async () => {
    const { outcome, disk } = await seal(AUDIO);
    expect(outcome).toMatchObject({ kind: 'sealed' });
    const [path = ''] = disk.paths();
    expect(disk.paths()).toHaveLength(1);
    expect(contentOf(disk.read(path) ?? AUDIO)).toEqual(AUDIO);
  });

  it('starts over where the bytes changed between the two readings, and size and time did not', async () => {
    let readings = 0;
    const { outcome, disk } = await seal(AUDIO, (files) => ({
      open: async (path) => {
        const file = await files.open(path);
        if (file === null || !path.endsWith('.wav')) return file;
        return {
          ...file,
          bytes: async function* () {
            readings += 1;
            yield readings === 1 ? AUDIO : Buffer.from('other words!');
          },
        };
      },
    }));
    expect(outcome).toEqual({ kind: 'changed' });
    expect(readings).toBe(2);
    expect(disk.paths()).toEqual(BOTH);
  });

  const invalid = (): never => {
    throw new VaultError('metadata_invalid', 'call_id is required');
  };
  it.each<[string, Partial<SealDeps>, SealOutcome]>([
    ['facts that are not valid', { facts: invalid }, { kind: 'invalid', why: 'sidecar' }],
    ['no room', { hasRoom: () => Promise.resolve(false) }, { kind: 'full' }],
  ])('touches nothing with %s', async (_name, deps, expected) => {
    const { outcome, disk } = await seal(AUDIO, undefined, deps);
    expect(outcome).toEqual(expected);
    expect(disk.paths()).toEqual(BOTH);
  });

  it('touches nothing of an empty file', async () => {
    const { outcome, disk } = await seal(Buffer.alloc(0));
    expect(outcome).toEqual({ kind: 'invalid', why: 'empty' });
    expect(disk.paths()).toEqual(BOTH);
  });

  it('leaves the plaintext and no unfinished file where sealing fails', async () => {
    const failed = Object.assign(new Error(), { code: 'EIO' });
    const removed: string[] = [];
    const sealing = seal(
      AUDIO,
      (files) => ({
        remove: (path) => {
          removed.push(path);
          return files.remove(path);
        },
      }),
      {
        seal: async function* () {
          yield Buffer.from('begun');
          throw failed;
        },
      },
    );
    await expect(sealing).rejects.toBe(failed);
    expect(removed).toEqual([expect.stringMatching(/^\/spool\/tmp\//)]);
  });
});
