// What an HSM says of itself: how its keys are named, what a re-wrap shows, and what the doctor checks before any key.
import { VaultError } from '../../errors.ts';
import type { KeyProvider } from '../../ports/key-provider.ts';
import type { Wait } from '../../ports/object-store.ts';
import { parseReference, referenceOf } from './reference.ts';
import type { TokenRequest, TokenValue } from './token-messages.ts';

type Hsm = {
  readonly token: string;
  readonly serial: string | null;
  readonly ask: (request: TokenRequest, wait: Wait) => Promise<TokenValue>;
  readonly logIn: () => Promise<void>;
};

/** The HSM behind this token. */
export function hsmProvider({ token, serial, ask, logIn }: Hsm): KeyProvider {
  const asked = (op: 'library' | 'token' | 'mechanisms') => async (wait: Wait) => (await ask({ op }, wait)).text ?? '';
  return {
    title: `pkcs11:token=${token}${serial === null ? '' : `;serial=${serial}`}`,
    // The data sheet of an HSM has its rate: this is below what network HSMs name for AES-GCM of small messages.
    calls: { service: 'HSM', quota: 10_000, dollars: 0 },
    // A token without its keys is another token.
    ownsKeys: true,
    // PKCS #11 opens and seals in two calls: between them the data key is in a thread of this process.
    rewrapsInside: false,
    parseKey: (text) => {
      const name = parseReference(text);
      if (name !== null) return referenceOf(name);
      throw new VaultError('malformed', 'a key is named by token and label: pkcs11:token=TOKEN;object=LABEL');
    },
    isSameKey: (one, other) => one === other,
    isOneService: (one, other) => {
      const [from, to] = [one, other].map(({ scheme, id }) =>
        scheme === 'pkcs11' ? parseReference(id)?.token : undefined,
      );
      return from !== undefined && from === to;
    },
    steps: [
      { name: 'load the module', run: asked('library') },
      { name: 'find the token', run: asked('token') },
      {
        name: 'log in',
        run: async () => {
          await logIn();
          return 'as its user';
        },
      },
      { name: 'check its mechanisms', run: asked('mechanisms') },
    ],
  };
}
