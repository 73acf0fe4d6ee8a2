// The keyring for the contract of key services: how an owner changes its keys, and which cases it cannot run.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openKeyring } from '../../src/adapters/local/keyring.ts';
import type { KeysUnderTest } from '../contract/tested-keys.ts';

type KeyFile = { keys: { id: string; state: string }[] };

/** A keyring in that folder. */
export async function keyringUnderTest(folder: string): Promise<KeysUnderTest> {
  const path = join(folder, 'keyring.json');
  return {
    keys: await openKeyring(path, join(folder, 'root', 'root.key')),
    put: async ({ id }, state) => {
      const file: KeyFile = JSON.parse(await readFile(path, 'utf8'));
      for (const entry of file.keys) if (entry.id === id) entry.state = state;
      await writeFile(path, JSON.stringify(file));
    },
    unknown: (key) => [{ ...key, id: `${key.id.slice(0, -1)}${key.id.endsWith('0') ? '1' : '0'}` }],
    nameless: ({ id }) => ['', 'keyring', id.slice('keyring/'.length), `${id}0`, id.toUpperCase()],
  };
}

export const KEYRING_CANNOT = {
  'rejects a key that is pending-deletion, reports that state, and accepts the key once it is enabled':
    'a key of the keyring is either enabled or disabled',
} as const;
