// The key service as an HSM by PKCS #11: tenants' keys are AES-256 objects of a token, which they never leave.
import { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { KeyReference } from '../../model/tenant.ts';
import type { KeyOpener, KeyService, KeyState, WrappedBytes } from '../../ports/key-service.ts';
import type { Wait } from '../../ports/object-store.ts';
import { requirePackage } from './cryptoki.ts';
import { hsmProvider } from './hsm-provider.ts';
import { type PinSource, pinOf } from './pin.ts';
import { labelIn, referenceOf } from './reference.ts';
import type { TokenRequest, TokenSettings, TokenValue } from './token-messages.ts';
import { tokenThreads, unavailable } from './token-threads.ts';
import { associatedData, DATA_KEY_BYTES } from './wrapped-key.ts';

export type HsmSettings = TokenSettings & {
  readonly pin: PinSource;
  /** Sessions with the token at once, at most. */
  readonly sessions: number;
};

const NEVER = new AbortController().signal;

/** How compose opens an HSM; it asks nothing of it. Throws `config_invalid` where the package is not installed. */
export const hsmOpener: KeyOpener<HsmSettings> = { open: openHsm, openExisting: openHsm };

async function openHsm(settings: HsmSettings): Promise<KeyService> {
  requirePackage();
  return hsmKeys(settings);
}

/** The keys of this token. The token is logged in to at the first request that needs it. */
export function hsmKeys({ pin: source, sessions, ...settings }: HsmSettings): KeyService {
  const { token, serial } = settings;
  const threads = tokenThreads(settings, sessions);
  const pin = pinOf(source);
  let loggingIn: Promise<void> | null = null;

  const logIn = async (): Promise<void> => {
    const given = await pin.read().catch((error: unknown) => {
      // A file that became unusable while the service runs: its callers know no error of the configuration.
      throw error instanceof VaultError && error.code === 'config_invalid' ? unavailable(error.message) : error;
    });
    // Not a caller's signal: others wait for the same login.
    const request = { op: 'login', pin: given } as const;
    const answer = await threads.ask(request, { bulk: false }, { signal: NEVER }).catch((error: unknown) => {
      // The thread may still be at it: its token may count the try.
      pin.failed(given, 'the login had no answer in time');
      throw error;
    });
    if ('value' in answer) {
      pin.worked();
      return;
    }
    const { kind, message } = answer.failure;
    if (kind === 'pin') pin.refused(given, message);
    if (kind === 'unsure') pin.failed(given, message);
    throw unavailable(message);
  };
  /** One login for all that wait for one: many at once would try a wrong PIN until the token is locked. */
  const logInOnce = (): Promise<void> => {
    loggingIn ??= logIn().finally(() => {
      loggingIn = null;
    });
    return loggingIn;
  };

  const ask = async (request: TokenRequest, wait: Wait, bulk = false): Promise<TokenValue> => {
    for (let logins = 0; ; logins++) {
      // A data key is handed over to the thread: what is asked a second time needs another copy.
      const sent = request.op === 'wrap' ? { ...request, dataKey: Uint8Array.from(request.dataKey) } : request;
      const answer = await threads.ask(sent, { bulk }, wait);
      if ('value' in answer) return answer.value;
      const { kind, message } = answer.failure;
      if (kind === 'refused') throw new VaultError('key_refused', message);
      if (kind !== 'login' || logins > 0) throw unavailable(message);
      await logInOnce();
    }
  };

  const labelOf = (key: KeyReference): string => labelIn(token, key);
  const wrappedBy = ({ id }: KeyReference, { wrapped }: TokenValue): WrappedBytes => {
    if (wrapped === undefined) throw unavailable('the HSM answered without a wrapped key');
    return { id, wrapped };
  };

  return {
    provider: hsmProvider({ token, serial, ask, logIn: logInOnce }),
    createKey: async (tenant, generation, wait) => {
      const label = `callvault-${tenant}-${generation}`;
      await ask({ op: 'ensure', label }, wait);
      return referenceOf({ token, label });
    },
    rotate: async (key, wait) => void (await ask({ op: 'rotate', label: labelOf(key) }, wait)),
    // People find it by its label, which says tenant and generation.
    nameKey: async (_, key) => void labelOf(key),
    describe: async (key, wait) => {
      const { text } = await ask({ op: 'describe', label: labelOf(key) }, wait);
      return text as KeyState;
    },
    generateDataKey: async (key, context, wait) => {
      const value = await ask({ op: 'draw', label: labelOf(key), aad: associatedData(context) }, wait);
      return { dataKey: keyIn(value), ...wrappedBy(key, value) };
    },
    unwrap: async (key, context, wait) => {
      const { wrapped } = key;
      return keyIn(await ask({ op: 'unwrap', label: labelOf(key), aad: associatedData(context), wrapped }, wait));
    },
    wrap: (key, dataKey, context, wait) =>
      dataKey.use(async (bytes) => {
        const copy = Uint8Array.from(bytes);
        try {
          const request = { op: 'wrap', label: labelOf(key), aad: associatedData(context), dataKey: copy } as const;
          return wrappedBy(key, await ask(request, wait));
        } finally {
          copy.fill(0);
        }
      }),
    rewrap: async (key, from, to, wait) => {
      const target = { label: labelOf(to.key), aad: associatedData(to.context) };
      const of = { label: labelOf(key), aad: associatedData(from), wrapped: key.wrapped };
      return wrappedBy(to.key, await ask({ op: 'rewrap', ...of, to: target }, wait, true));
    },
    close: threads.close,
  };
}

/** The key of an answer, taken over: the thread's bytes are overwritten. */
function keyIn({ dataKey }: TokenValue): SecretKey {
  if (dataKey?.length === DATA_KEY_BYTES) return new SecretKey(dataKey);
  dataKey?.fill(0);
  throw unavailable('the HSM answered without a key of 32 bytes');
}
