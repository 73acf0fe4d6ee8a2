// What the keyring says of itself: keys of this deployment alone, wrapped in this process.
import { VaultError } from '../../errors.ts';
import type { KeyProvider } from '../../ports/key-provider.ts';

const KEY_ID = /^keyring\/[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The keyring in this file. */
export function keyringProvider(path: string): KeyProvider {
  return {
    title: `keyring:${path}`,
    calls: null,
    ownsKeys: true,
    // The service is this process.
    rewrapsInside: true,
    parseKey: (id) => {
      if (KEY_ID.test(id)) return { scheme: 'keyring', id };
      throw new VaultError('malformed', 'a key of the keyring is named by its id: keyring/ and a UUID');
    },
    isSameKey: (one, other) => one === other,
    isOneService: (one, other) => one.scheme === 'keyring' && other.scheme === 'keyring',
    steps: [],
  };
}
