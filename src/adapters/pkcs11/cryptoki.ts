// The calls of pkcs11js that are used, and the numbers of PKCS #11 2.40 (pkcs11t.h) that go into them. The package's own types
// are not read: it is optional, and the sources must compile where it could not be built.
import { createRequire } from 'node:module';
import { VaultError } from '../../errors.ts';

/** A handle of a slot, session or object: opaque bytes. */
export type Handle = Buffer;

export type Attribute = { readonly type: number; readonly value: Buffer | boolean | number | string };

type Mechanism = { readonly mechanism: number; readonly parameter?: object };

/** A loaded module. A call that the module answers with an error throws an Error whose message is its name, `CKR_…`. */
export type Cryptoki = {
  readonly load: (path: string) => void;
  readonly C_Initialize: (options: { readonly flags: number }) => void;
  readonly C_GetInfo: () => {
    readonly manufacturerID: string;
    readonly libraryDescription: string;
    readonly libraryVersion: Version;
  };
  readonly C_GetSlotList: (tokenPresent: boolean) => Handle[];
  readonly C_GetTokenInfo: (slot: Handle) => TokenInfo;
  readonly C_GetMechanismInfo: (slot: Handle, mechanism: number) => { readonly flags: number };
  readonly C_OpenSession: (slot: Handle, flags: number) => Handle;
  readonly C_CloseSession: (session: Handle) => void;
  readonly C_GetSessionInfo: (session: Handle) => { readonly state: number };
  readonly C_Login: (session: Handle, user: number, pin: string) => void;
  readonly C_FindObjectsInit: (session: Handle, template: readonly Attribute[]) => void;
  readonly C_FindObjects: (session: Handle, most: number) => Handle[];
  readonly C_FindObjectsFinal: (session: Handle) => void;
  readonly C_GetAttributeValue: (
    session: Handle,
    object: Handle,
    template: readonly { readonly type: number }[],
  ) => { readonly type: number; readonly value: Buffer }[];
  readonly C_GenerateRandom: (session: Handle, bytes: Buffer) => Buffer;
  readonly C_GenerateKey: (session: Handle, mechanism: Mechanism, template: readonly Attribute[]) => Handle;
  readonly C_EncryptInit: (session: Handle, mechanism: Mechanism, key: Handle) => void;
  readonly C_Encrypt: (session: Handle, plain: Uint8Array, into: Buffer) => Buffer;
  readonly C_DecryptInit: (session: Handle, mechanism: Mechanism, key: Handle) => void;
  readonly C_Decrypt: (session: Handle, sealed: Uint8Array, into: Buffer) => Buffer;
};

type Version = { readonly major: number; readonly minor: number };

/** Texts are padded with blanks. */
export type TokenInfo = {
  readonly label: string;
  readonly manufacturerID: string;
  readonly model: string;
  readonly serialNumber: string;
  readonly flags: number;
};

export const CK = {
  USER: 1,
  STATE_RW_USER: 3,
  OS_LOCKING_OK: 2,
  RW_SERIAL_SESSION: 6,
  CLASS_SECRET_KEY: 4,
  KEY_AES: 0x1f,
  AES_KEY_GEN: 0x1080,
  AES_GCM: 0x1087,
} as const;

/** Attributes of an object. */
export const CKA = {
  CLASS: 0x0,
  TOKEN: 0x1,
  PRIVATE: 0x2,
  LABEL: 0x3,
  KEY_TYPE: 0x100,
  ID: 0x102,
  SENSITIVE: 0x103,
  ENCRYPT: 0x104,
  DECRYPT: 0x105,
  WRAP: 0x106,
  UNWRAP: 0x107,
  SIGN: 0x108,
  VERIFY: 0x10a,
  DERIVE: 0x10c,
  VALUE_LEN: 0x161,
  EXTRACTABLE: 0x162,
} as const;

/** Flags of a token, and of a mechanism. */
export const CKF = {
  RNG: 0x1,
  WRITE_PROTECTED: 0x2,
  USER_PIN_FINAL_TRY: 0x20000,
  USER_PIN_LOCKED: 0x40000,
  ENCRYPT: 0x100,
  DECRYPT: 0x200,
  GENERATE: 0x8000,
} as const;

type Package = { readonly PKCS11: new () => Cryptoki; readonly CK_PARAMS_AES_GCM_v240: number };

/** The package, or `config_invalid` where it is not installed. */
export function requirePackage(): Package {
  try {
    return createRequire(import.meta.url)('pkcs11js') as Package;
  } catch (cause) {
    const message = 'the optional package pkcs11js is not installed: npm ci builds it where g++, make and Python are';
    throw new VaultError('config_invalid', message, { cause });
  }
}
