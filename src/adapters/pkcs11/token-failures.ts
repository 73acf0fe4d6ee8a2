// Errors of a PKCS #11 module by meaning: permanent, an ended session, or a condition that may pass.
import type { TokenFailure } from './token-messages.ts';

/** A failure on its way out of a thread. */
export class TokenError extends Error {
  readonly kind: TokenFailure['kind'];

  constructor(kind: TokenFailure['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Said of a key, of what it may do or of what it was given. */
const FOR_GOOD: ReadonlySet<string> = new Set([
  'CKR_AEAD_DECRYPT_FAILED',
  'CKR_ENCRYPTED_DATA_INVALID',
  'CKR_ENCRYPTED_DATA_LEN_RANGE',
  'CKR_KEY_FUNCTION_NOT_PERMITTED',
  'CKR_KEY_SIZE_RANGE',
  'CKR_KEY_TYPE_INCONSISTENT',
]);

/** After these a new session may do what the old one could not: it is tried once. */
const SESSION_OVER: ReadonlySet<string> = new Set([
  'CKR_CRYPTOKI_NOT_INITIALIZED',
  'CKR_DEVICE_ERROR',
  'CKR_DEVICE_REMOVED',
  'CKR_KEY_HANDLE_INVALID',
  'CKR_OBJECT_HANDLE_INVALID',
  'CKR_OPERATION_ACTIVE',
  'CKR_SESSION_CLOSED',
  'CKR_SESSION_HANDLE_INVALID',
  'CKR_SLOT_ID_INVALID',
  'CKR_TOKEN_NOT_PRESENT',
  'CKR_TOKEN_NOT_RECOGNIZED',
]);

/** What to look at, where the name alone does not say it. */
const WORDS: Readonly<Record<string, string>> = {
  CKR_DEVICE_MEMORY: 'the token is full',
  CKR_DEVICE_REMOVED: 'the HSM is unavailable',
  CKR_MECHANISM_INVALID: 'the token has no AES-GCM',
  CKR_PIN_EXPIRED: 'the PIN has expired: set a new one',
  CKR_PIN_INCORRECT: 'the token rejects the PIN',
  CKR_PIN_LOCKED: 'the PIN is locked: the security officer of the token unlocks it',
  CKR_TOKEN_NOT_PRESENT: 'the HSM is unavailable',
  CKR_TOKEN_WRITE_PROTECTED: 'the token is write-protected',
  CKR_USER_PIN_NOT_INITIALIZED: 'the token has no user PIN yet',
};

const PIN: ReadonlySet<string> = new Set([
  'CKR_PIN_EXPIRED',
  'CKR_PIN_INCORRECT',
  'CKR_PIN_INVALID',
  'CKR_PIN_LEN_RANGE',
  'CKR_PIN_LOCKED',
]);

/** The name of the module's error, or an empty text for what is none. */
export function ckrOf(error: unknown): string {
  return /^CKR_[A-Z0-9_]{1,60}/.exec(error instanceof Error ? error.message : '')?.[0] ?? '';
}

/** Whether a new session is worth a try. */
export function isSessionOver(error: unknown): boolean {
  return SESSION_OVER.has(ckrOf(error));
}

/** Whether the token may have counted a failed login with this error as a wrong PIN, though it does not say so. */
export function mayCountAsTry(error: unknown): boolean {
  const ckr = ckrOf(error);
  return !PIN.has(ckr) && (ckr === 'CKR_DEVICE_ERROR' || !SESSION_OVER.has(ckr));
}

/** The failure for an error: of others than the module's nothing is said, since they may quote what was given. */
export function failureOf(error: unknown): TokenFailure {
  if (error instanceof TokenError) return { kind: error.kind, message: error.message };
  const ckr = ckrOf(error);
  if (ckr === '') return { kind: 'away', message: 'the PKCS#11 module failed' };
  const words = WORDS[ckr];
  const message = words === undefined ? `the HSM answered ${ckr}` : `${words} (${ckr})`;
  if (ckr === 'CKR_USER_NOT_LOGGED_IN') return { kind: 'login', message };
  if (PIN.has(ckr)) return { kind: 'pin', message };
  return { kind: FOR_GOOD.has(ckr) ? 'refused' : 'away', message };
}
