// What a thread makes of a module's answers, on a module of our own: a login that is lost, a token that was exchanged, a PIN at its
// last try, errors that may pass. The module's own behaviour is SoftHSM's matter, in pkcs11.test.ts.
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { CKA, CKF, type Cryptoki, type TokenInfo } from '../../src/adapters/pkcs11/cryptoki.ts';
import { pinOf } from '../../src/adapters/pkcs11/pin.ts';
import { tokenOperations } from '../../src/adapters/pkcs11/token-operations.ts';
import { nextVersion, versionNumber } from '../../src/adapters/pkcs11/wrapped-key.ts';

const settings = { module: 'lib', token: 'callvault', serial: null, nonces: 'random' } as const;
const aad = Buffer.from('context');
const RIGHT = { flags: CKF.RNG, label: 'callvault'.padEnd(32), serialNumber: '1'.padEnd(16) };

/** One token of one key, whose calls fail as `fail` says, once a call of that name. */
function fakeModule() {
  const key = randomBytes(32);
  const token: TokenInfo = { manufacturerID: 'm', model: 'm', ...RIGHT };
  const state = { loggedIn: true, token, sessions: 0, logins: 0, found: 0 };
  const objects: { readonly id: Buffer }[] = [];
  const failing = new Map<string, string[]>();
  const fails = (call: string): void => {
    const name = failing.get(call)?.shift();
    if (name !== undefined) throw new Error(name);
  };
  type Gcm = { readonly parameter?: { readonly iv?: Buffer; readonly aad?: Buffer } };
  let gcm: Gcm = {};
  const begin = (call: string, mechanism: Gcm): void => {
    fails(call);
    gcm = mechanism;
  };
  const iv = (): Buffer => gcm.parameter?.iv ?? Buffer.alloc(12);
  const cryptoki: Cryptoki = {
    load: () => undefined,
    C_Initialize: () => undefined,
    C_GetInfo: () => ({ manufacturerID: 'm', libraryDescription: 'd', libraryVersion: { major: 1, minor: 2 } }),
    C_GetSlotList: () => [Buffer.from([1])],
    C_GetTokenInfo: () => state.token,
    C_GetMechanismInfo: () => ({ flags: CKF.ENCRYPT | CKF.DECRYPT | CKF.GENERATE }),
    C_OpenSession: () => {
      fails('C_OpenSession');
      return Buffer.from([++state.sessions]);
    },
    C_CloseSession: () => undefined,
    C_GetSessionInfo: () => ({ state: state.loggedIn ? 3 : 2 }),
    C_Login: () => {
      state.logins += 1;
      fails('C_Login');
      state.loggedIn = true;
    },
    C_FindObjectsInit: () => {
      fails('C_FindObjectsInit');
      state.found = 0;
    },
    // One a call, as a module may.
    C_FindObjects: () => (state.loggedIn && state.found < objects.length ? [Buffer.from([state.found++])] : []),
    C_FindObjectsFinal: () => undefined,
    C_GetAttributeValue: (_, object, template) =>
      template.map(({ type }) => {
        if (type === CKA.ID) return { type, value: objects[object[0] ?? 0]?.id ?? Buffer.alloc(0) };
        if (type === CKA.VALUE_LEN) return { type, value: Buffer.from([32, 0, 0, 0, 0, 0, 0, 0]) };
        return { type, value: Buffer.from([type === CKA.EXTRACTABLE ? 0 : 1]) };
      }),
    C_GenerateRandom: (_, bytes) => Buffer.from(randomBytes(bytes.length)),
    C_GenerateKey: () => {
      objects.push({ id: nextVersion(objects.map(({ id }) => id)) ?? Buffer.alloc(0) });
      return Buffer.from([objects.length - 1]);
    },
    C_EncryptInit: (_, mechanism) => begin('C_EncryptInit', mechanism),
    C_Encrypt: (_, plain) => {
      fails('C_Encrypt');
      const cipher = createCipheriv('aes-256-gcm', key, iv()).setAAD(gcm.parameter?.aad ?? Buffer.alloc(0));
      return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    C_DecryptInit: (_, mechanism) => begin('C_DecryptInit', mechanism),
    C_Decrypt: (_, sealed) => {
      fails('C_Decrypt');
      const decipher = createDecipheriv('aes-256-gcm', key, iv()).setAAD(gcm.parameter?.aad ?? Buffer.alloc(0));
      decipher.setAuthTag(Buffer.from(sealed).subarray(32));
      try {
        return Buffer.concat([decipher.update(Buffer.from(sealed).subarray(0, 32)), decipher.final()]);
      } catch {
        throw new Error('CKR_GENERAL_ERROR');
      }
    },
  };
  return { cryptoki, state, objects, fail: (call: string, ...names: string[]) => failing.set(call, names) };
}

let fake: ReturnType<typeof fakeModule>;
let answer: ReturnType<typeof tokenOperations>['answer'];
const label = 'key';
const draw = () => answer({ op: 'draw', label, aad });
const wrappedOf = (said: ReturnType<typeof answer>): Uint8Array => {
  if ('value' in said && said.value.wrapped !== undefined) return said.value.wrapped;
  throw new Error(JSON.stringify(said));
};

beforeEach(() => {
  fake = fakeModule();
  ({ answer } = tokenOperations({ cryptoki: fake.cryptoki, gcm: 1 }, settings));
  answer({ op: 'ensure', label });
});

describe('a thread of the HSM', () => {
  it('reports a missing login, and never a missing key, where the token hides keys', () => {
    fake.state.loggedIn = false;
    for (const op of ['describe', 'ensure', 'rotate'] as const) {
      expect(answer({ op, label }), op).toMatchObject({ failure: { kind: 'login' } });
    }
    expect(draw()).toMatchObject({ failure: { kind: 'login' } });
    expect(fake.objects.length).toBe(1);
    expect(answer({ op: 'login', pin: '1' })).toEqual({ value: {} });
    expect(answer({ op: 'describe', label })).toEqual({ value: { text: 'enabled' } });
    fake.fail('C_EncryptInit', 'CKR_USER_NOT_LOGGED_IN');
    expect(draw()).toMatchObject({ failure: { kind: 'login' } });
  });

  it('does not take an exchanged token for one that lost its keys', () => {
    fake.objects.length = 0;
    expect(answer({ op: 'describe', label })).toEqual({ value: { text: 'missing' } });
    fake.state.token = { ...fake.state.token, label: 'other' };
    expect(answer({ op: 'describe', label })).toMatchObject({ failure: { kind: 'away' } });
  });

  it('opens a new session where the old one ended, and tries three times', () => {
    const wrapped = wrappedOf(draw());
    const before = fake.state.sessions;
    fake.fail('C_FindObjectsInit', 'CKR_SESSION_HANDLE_INVALID');
    expect(answer({ op: 'unwrap', label, aad, wrapped })).toMatchObject({ value: { dataKey: expect.any(Uint8Array) } });
    expect(fake.state.sessions).toBe(before + 1);
    fake.fail('C_FindObjectsInit', 'CKR_GENERAL_ERROR', 'CKR_DEVICE_REMOVED');
    expect(answer({ op: 'unwrap', label, aad, wrapped })).toMatchObject({ value: {} });
    fake.fail('C_FindObjectsInit', ...Array.from({ length: 3 }, () => 'CKR_DEVICE_REMOVED'));
    expect(answer({ op: 'unwrap', label, aad, wrapped })).toMatchObject({ failure: { kind: 'away' } });
    expect(wrappedOf(draw())).toBeInstanceOf(Uint8Array);
  });

  it('distinguishes a damaged wrapped key from a failed HSM, whatever error the module returns', () => {
    const wrapped = wrappedOf(draw());
    const unwrap = (bytes: Uint8Array) => answer({ op: 'unwrap', label, aad, wrapped: bytes });
    const damaged = Uint8Array.from(wrapped, (byte, n) => (n === wrapped.length - 1 ? byte ^ 1 : byte));
    expect(unwrap(damaged)).toEqual({ failure: { kind: 'refused', message: 'the wrapped key does not open' } });
    fake.fail('C_Decrypt', 'CKR_GENERAL_ERROR');
    expect(unwrap(wrapped)).toMatchObject({ value: { dataKey: expect.any(Uint8Array) } });
    fake.fail('C_Decrypt', ...Array.from({ length: 6 }, () => 'CKR_FUNCTION_FAILED'));
    expect(unwrap(wrapped)).toEqual({ failure: { kind: 'away', message: 'the HSM answered CKR_FUNCTION_FAILED' } });
    fake.fail('C_Decrypt', 'CKR_ENCRYPTED_DATA_INVALID');
    expect(unwrap(wrapped)).toMatchObject({ failure: { kind: 'refused' } });
  });

  it('does not try a PIN where one more wrong one would lock the token, nor where it is locked', () => {
    const before = fake.state.logins;
    for (const flag of [CKF.USER_PIN_FINAL_TRY, CKF.USER_PIN_LOCKED]) {
      fake.state.token = { ...fake.state.token, flags: CKF.RNG | flag };
      expect(answer({ op: 'login', pin: '1' })).toMatchObject({ failure: { kind: 'pin' } });
    }
    expect(fake.state.logins).toBe(before);
    fake.state.token = { ...fake.state.token, flags: CKF.RNG };
    for (const [name, kind] of [
      ['CKR_PIN_INCORRECT', 'pin'],
      ['CKR_GENERAL_ERROR', 'unsure'],
    ] as const) {
      const tried = fake.state.logins;
      fake.fail('C_Login', name);
      expect(answer({ op: 'login', pin: '1' })).toMatchObject({ failure: { kind } });
      expect(fake.state.logins).toBe(tried + 1);
    }
  });

  it('reports a failed login that may have counted as a try, and does not repeat it', () => {
    fake.state.loggedIn = false;
    for (const [name, kind] of [
      ['CKR_GENERAL_ERROR', 'unsure'],
      ['CKR_DEVICE_ERROR', 'unsure'],
      ['CKR_PIN_INCORRECT', 'pin'],
      ['CKR_TOKEN_NOT_PRESENT', 'away'],
    ] as const) {
      fake.state.logins = 0;
      fake.fail('C_Login', ...Array.from({ length: 5 }, () => name));
      expect(answer({ op: 'login', pin: '1' }), name).toMatchObject({ failure: { kind } });
      if (kind !== 'away') expect(fake.state.logins, name).toBe(1);
    }
  });

  it('overwrites the data key that it was lent, whatever comes of it', () => {
    for (const failing of [[], ['CKR_DEVICE_MEMORY']]) {
      fake.fail('C_Encrypt', ...failing);
      const dataKey = Uint8Array.from(randomBytes(32));
      answer({ op: 'wrap', label, aad, dataKey });
      expect(dataKey).toEqual(new Uint8Array(32));
    }
  });

  it('says what the token lacks', () => {
    expect(answer({ op: 'mechanisms' })).toMatchObject({ value: {} });
    fake.state.token = { ...fake.state.token, flags: CKF.WRITE_PROTECTED };
    expect(answer({ op: 'mechanisms' })).toMatchObject({
      failure: { message: 'the token lacks random numbers (CKF_RNG), permission to write' },
    });
  });

  it('repeats nothing of an error that is not the module’s', () => {
    fake.fail('C_EncryptInit', 'TypeError over 1234 secret');
    expect(draw()).toEqual({ failure: { kind: 'away', message: 'the PKCS#11 module failed' } });
  });
});

describe('a PIN whose logins fail', () => {
  it('is tried again after a pause that doubles, and at once after a login that worked', async () => {
    let now = 0;
    const pin = pinOf({ value: '1234' }, () => now);
    for (const minutes of [1, 2, 4, 8]) {
      expect(await pin.read()).toBe('1234');
      pin.failed('1234', 'the HSM answered CKR_GENERAL_ERROR');
      now += minutes * 60_000 - 1;
      await expect(pin.read()).rejects.toMatchObject({
        code: 'key_service_unavailable',
        message: 'the HSM answered CKR_GENERAL_ERROR; callvault tries the PIN again in 1 min',
      });
      now += 1;
    }
    pin.worked();
    pin.failed('1234', 'x');
    now += 60_000;
    expect(await pin.read()).toBe('1234');
    pin.refused('1234', 'the token rejects the PIN');
    now += 1e12;
    await expect(pin.read()).rejects.toMatchObject({
      message: expect.stringMatching(/does not try the same PIN again/),
    });
  });
});

describe('the versions of a key', () => {
  it('are numbered on, each unlike any other, and end with the last number', () => {
    const first = nextVersion([]) ?? Buffer.alloc(0);
    expect([versionNumber(first), first.length]).toEqual([1, 16]);
    expect(nextVersion([])?.equals(first)).toBe(false);
    expect(versionNumber(nextVersion([first, Buffer.from('07', 'hex')]) ?? Buffer.alloc(0))).toBe(2);
    expect(nextVersion([Buffer.alloc(16, 0xff)])).toBeNull();
  });
});
