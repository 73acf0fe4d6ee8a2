// One session with the token, opened when it is needed and again after it was lost. Its calls block: it is used in a thread.
import { CK, CKF, type Cryptoki, type Handle, type TokenInfo } from './cryptoki.ts';
import { ckrOf, failureOf, isSessionOver, mayCountAsTry, TokenError } from './token-failures.ts';
import type { TokenSettings } from './token-messages.ts';

export type Session = { readonly slot: Handle; readonly handle: Handle };

export type TokenSession = {
  readonly cryptoki: Cryptoki;
  /** The session, logged in or not. Throws what keeps it from being opened. */
  readonly open: () => Session;
  /** The token as its slot describes it. */
  readonly token: (session: Session) => TokenInfo;
  /** Throws `login` unless the session is logged in (without a login the token hides its keys), or as `requireSameToken`. */
  readonly requireLogin: (session: Session) => void;
  /** Throws `away` where the slot has another token by now. */
  readonly requireSameToken: (session: Session) => void;
  readonly login: (pin: string) => void;
  /** Runs `work`, and again where `passes` accepts its error: in a new session if the old one has ended. */
  readonly within: <T>(work: (session: Session) => T, passes: (error: unknown) => boolean) => T;
  readonly close: () => void;
};

const TRIES = 3;
const PAUSE_MS = 25;
/** An HSM that took longer for its error is not asked again: its caller does not wait for ever. */
const AGAIN_MS = 1_000;
const NOTHING = new Int32Array(new SharedArrayBuffer(4));

/** A session with this token. Nothing is loaded before it is opened. */
export function tokenSession(cryptoki: Cryptoki, settings: TokenSettings): TokenSession {
  let loaded = false;
  let session: Session | null = null;

  const load = (): void => {
    if (loaded) return;
    try {
      cryptoki.load(settings.module);
    } catch {
      throw new TokenError('away', 'the PKCS#11 module cannot be loaded: check CALLVAULT_PKCS11_MODULE');
    }
    try {
      cryptoki.C_Initialize({ flags: CK.OS_LOCKING_OK });
    } catch (error) {
      // Another thread of this process was first.
      if (ckrOf(error) !== 'CKR_CRYPTOKI_ALREADY_INITIALIZED') throw error;
    }
    loaded = true;
  };

  const tokenIn = (slot: Handle): TokenInfo | null => {
    try {
      return cryptoki.C_GetTokenInfo(slot);
    } catch {
      return null;
    }
  };

  const isOurs = (token: TokenInfo | null): boolean =>
    token?.label.trimEnd() === settings.token &&
    (settings.serial === null || token.serialNumber.trimEnd() === settings.serial);

  const findSlot = (): Handle => {
    const [slot, ...others] = cryptoki.C_GetSlotList(true).filter((one) => isOurs(tokenIn(one)));
    if (slot === undefined) throw new TokenError('away', 'the token that CALLVAULT_KEYS names was not found');
    if (others.length === 0) return slot;
    throw new TokenError('away', 'several tokens have this label: name one by ;serial= in CALLVAULT_KEYS');
  };

  const open = (): Session => {
    if (session !== null) return session;
    load();
    const slot = findSlot();
    session = { slot, handle: cryptoki.C_OpenSession(slot, CK.RW_SERIAL_SESSION) };
    return session;
  };

  const close = (): void => {
    const over = session;
    session = null;
    try {
      if (over !== null) cryptoki.C_CloseSession(over.handle);
    } catch {
      // The session has ended already, which is why it is discarded.
    }
  };

  const requireSameToken = ({ slot }: Session): void => {
    if (!isOurs(tokenIn(slot))) throw new TokenError('away', 'the token was exchanged for another one');
  };

  return {
    cryptoki,
    open,
    token: ({ slot }) => cryptoki.C_GetTokenInfo(slot),
    requireSameToken,
    requireLogin: (one) => {
      if (cryptoki.C_GetSessionInfo(one.handle).state === CK.STATE_RW_USER) return;
      // The PIN is not for another token.
      requireSameToken(one);
      throw new TokenError('login', 'no user is logged in to the token');
    },
    login: (pin) => {
      const { slot, handle } = open();
      const { flags } = cryptoki.C_GetTokenInfo(slot);
      if ((flags & CKF.USER_PIN_LOCKED) !== 0) throw new Error('CKR_PIN_LOCKED');
      if ((flags & CKF.USER_PIN_FINAL_TRY) !== 0) {
        const message =
          'one more wrong PIN locks the token: log in with its own tool first, then start callvault again';
        throw new TokenError('pin', message);
      }
      try {
        cryptoki.C_Login(handle, CK.USER, pin);
      } catch (error) {
        // A login is the whole process's: another thread was first.
        if (ckrOf(error) === 'CKR_USER_ALREADY_LOGGED_IN') return;
        throw mayCountAsTry(error) ? new TokenError('unsure', failureOf(error).message) : error;
      }
    },
    within: (work, passes) => {
      const until = performance.now() + AGAIN_MS;
      for (let tried = 1; ; tried++) {
        try {
          return work(open());
        } catch (error) {
          if (isSessionOver(error)) close();
          if (!passes(error) || tried === TRIES || performance.now() > until) throw error;
          Atomics.wait(NOTHING, 0, 0, PAUSE_MS * tried);
        }
      }
    },
    close,
  };
}
