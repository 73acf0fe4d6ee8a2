// What a thread does for the service: each request is some calls of the module, one after another.
import { CK, CKF, type Cryptoki, type Handle } from './cryptoki.ts';
import { ckrOf, failureOf, isSessionOver, TokenError } from './token-failures.ts';
import { currentVersion, ensureKey, rotateKey, stateOf, versionOf } from './token-keys.ts';
import type { TokenAnswer, TokenRequest, TokenSettings, TokenValue } from './token-messages.ts';
import { type Session, tokenSession } from './token-session.ts';
import { DATA_KEY_BYTES, decodeWrapped, encodeWrapped, NONCE_BYTES } from './wrapped-key.ts';

/** `gcm` is the number by which the package knows GCM's parameters as PKCS #11 2.40 has them. */
export type TokenModule = { readonly cryptoki: Cryptoki; readonly gcm: number };

/** Answers requests about this token, and closes its session. */
export function tokenOperations({ cryptoki, gcm }: TokenModule, settings: TokenSettings) {
  const token = tokenSession(cryptoki, settings);

  const mechanism = (nonce: Uint8Array, aad: Uint8Array) => {
    // Buffers over the same memory: the package takes nothing else.
    const [iv, bound] = [nonce, aad].map(({ buffer, byteOffset, length }) => Buffer.from(buffer, byteOffset, length));
    return { mechanism: CK.AES_GCM, parameter: { type: gcm, iv, ivBits: NONCE_BYTES * 8, aad: bound, tagBits: 128 } };
  };

  const seal = ({ handle }: Session, key: Handle, nonce: Uint8Array, aad: Uint8Array, plain: Uint8Array): Buffer => {
    cryptoki.C_EncryptInit(handle, mechanism(nonce, aad), key);
    const sealed = cryptoki.C_Encrypt(handle, Buffer.from(plain.buffer, plain.byteOffset, plain.length), room());
    if (sealed.length === DATA_KEY_BYTES + 16) return sealed;
    throw new TokenError('away', 'the HSM answered with a ciphertext of another length');
  };

  const open = ({ handle }: Session, key: Handle, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array) => {
    const into = room();
    try {
      cryptoki.C_DecryptInit(handle, mechanism(nonce, aad), key);
      const plain = cryptoki.C_Decrypt(handle, Buffer.from(sealed), into);
      if (plain.length !== DATA_KEY_BYTES) throw new TokenError('refused', 'the wrapped key is of another length');
      return Uint8Array.from(plain);
    } finally {
      into.fill(0);
    }
  };

  /** The nonce is read after the call: a module that chooses it has written it over the zeros. */
  const sealUnderNonce = (session: Session, key: Handle, aad: Uint8Array, plain: Uint8Array) => {
    const nonce = Buffer.alloc(NONCE_BYTES);
    if (settings.nonces === 'random') nonce.set(cryptoki.C_GenerateRandom(session.handle, Buffer.alloc(NONCE_BYTES)));
    const given = Buffer.from(nonce);
    const sealed = seal(session, key, nonce, aad, plain);
    if ((settings.nonces === 'random') === nonce.equals(given)) return { nonce, sealed };
    throw new TokenError('away', 'the HSM and CALLVAULT_PKCS11_NONCE do not agree on who chooses the nonce');
  };

  const wrap = (session: Session, label: string, aad: Uint8Array, dataKey: Uint8Array): Uint8Array => {
    const { handle, id } = currentVersion(token, session, label);
    return encodeWrapped({ version: id, ...sealUnderNonce(session, handle, aad, dataKey) });
  };

  /**
   * Modules answer a tag that is wrong by whatever name they like, SoftHSM by CKR_GENERAL_ERROR: where the same key opens
   * what it has just sealed, it was the wrapped key or its context.
   */
  const isSound = (session: Session, key: Handle): boolean => {
    try {
      const aad = Buffer.from('sound');
      const { nonce, sealed } = sealUnderNonce(session, key, aad, new Uint8Array(DATA_KEY_BYTES));
      const opened = open(session, key, nonce, aad, sealed);
      return opened.every((byte) => byte === 0);
    } catch {
      return false;
    }
  };

  const unwrap = (session: Session, label: string, aad: Uint8Array, wrapped: Uint8Array) => {
    const read = decodeWrapped(wrapped);
    if (read === null) throw new TokenError('refused', 'the wrapped key is not of this format');
    const { handle } = versionOf(token, session, label, read.version);
    try {
      return open(session, handle, read.nonce, aad, read.sealed);
    } catch (error) {
      const unclear = failureOf(error).kind === 'away' && ckrOf(error) !== '' && !isSessionOver(error);
      if (!unclear || !isSound(session, handle)) throw error;
    }
    try {
      // Once more: it may have been the HSM a moment ago, and is well now.
      return open(session, handle, read.nonce, aad, read.sealed);
    } catch (error) {
      if (isSessionOver(error) || !isSound(session, handle)) throw error;
      throw new TokenError('refused', 'the wrapped key does not open');
    }
  };

  const run = (session: Session, request: TokenRequest): TokenValue => {
    switch (request.op) {
      case 'library': {
        const { manufacturerID, libraryDescription, libraryVersion } = cryptoki.C_GetInfo();
        const names = [manufacturerID, libraryDescription].map((name) => name.trimEnd()).join(', ');
        return { text: `${names} ${libraryVersion.major}.${libraryVersion.minor}` };
      }
      case 'token': {
        const { manufacturerID, model, serialNumber } = token.token(session);
        return { text: `${manufacturerID.trimEnd()} ${model.trimEnd()}, serial ${serialNumber.trimEnd()}` };
      }
      case 'mechanisms':
        requireMechanisms(cryptoki, session, token.token(session).flags);
        return { text: 'AES-256 keys, AES-GCM and random bytes' };
      case 'login':
        token.login(request.pin);
        return {};
      case 'describe':
        return { text: stateOf(token, session, request.label) };
      case 'ensure':
        ensureKey(token, session, request.label);
        return {};
      case 'rotate':
        rotateKey(token, session, request.label);
        return {};
      case 'draw': {
        const drawn = cryptoki.C_GenerateRandom(session.handle, Buffer.alloc(DATA_KEY_BYTES));
        const dataKey = Uint8Array.from(drawn);
        drawn.fill(0);
        try {
          return { dataKey, wrapped: wrap(session, request.label, request.aad, dataKey) };
        } catch (error) {
          dataKey.fill(0);
          throw error;
        }
      }
      case 'wrap':
        return { wrapped: wrap(session, request.label, request.aad, request.dataKey) };
      case 'unwrap':
        return { dataKey: unwrap(session, request.label, request.aad, request.wrapped) };
      case 'rewrap': {
        const dataKey = unwrap(session, request.label, request.aad, request.wrapped);
        try {
          return { wrapped: wrap(session, request.to.label, request.to.aad, dataKey) };
        } finally {
          dataKey.fill(0);
        }
      }
    }
  };

  return {
    /** What comes of a request; it never throws. A data key that it was lent is overwritten. */
    answer: (request: TokenRequest): TokenAnswer => {
      try {
        return { value: token.within((session) => run(session, request), passesOf(request)) };
      } catch (error) {
        const failure = failureOf(error);
        // Whatever it was: the next request finds the token again.
        if (failure.kind === 'away') token.close();
        return { failure };
      } finally {
        if (request.op === 'wrap') request.dataKey.fill(0);
      }
    },
    close: token.close,
  };
}

/**
 * Which errors are worth another try. An object that another session is at may be half there for a moment (SoftHSM answers
 * CKR_GENERAL_ERROR then); a login is not tried again, since the token counts the tries.
 */
function passesOf({ op }: TokenRequest): (error: unknown) => boolean {
  return op === 'login' ? isSessionOver : (error) => ckrOf(error) !== '' && failureOf(error).kind === 'away';
}

/** Room for the longest answer of a call: modules want some more than they fill. */
function room(): Buffer {
  return Buffer.alloc(DATA_KEY_BYTES + 64);
}

function requireMechanisms(cryptoki: Cryptoki, { slot }: Session, token: number): void {
  const flagsOf = (mechanism: number): number => {
    try {
      return cryptoki.C_GetMechanismInfo(slot, mechanism).flags;
    } catch {
      return 0;
    }
  };
  const lacking = [
    ...((flagsOf(CK.AES_KEY_GEN) & CKF.GENERATE) === 0 ? ['CKM_AES_KEY_GEN'] : []),
    ...((flagsOf(CK.AES_GCM) & (CKF.ENCRYPT | CKF.DECRYPT)) !== (CKF.ENCRYPT | CKF.DECRYPT) ? ['CKM_AES_GCM'] : []),
    ...((token & CKF.RNG) === 0 ? ['random numbers (CKF_RNG)'] : []),
    ...((token & CKF.WRITE_PROTECTED) !== 0 ? ['permission to write'] : []),
  ];
  if (lacking.length > 0) throw new TokenError('away', `the token lacks ${lacking.join(', ')}`);
}
