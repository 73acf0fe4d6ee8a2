// Keys in a token: objects of one label are the versions of one key. Every look goes to the token, since another process or its
// administrator may have added, disabled or destroyed a version a moment ago.
import { CK, CKA, type Handle } from './cryptoki.ts';
import { TokenError } from './token-failures.ts';
import type { Session, TokenSession } from './token-session.ts';
import { compareVersions, nextVersion } from './wrapped-key.ts';

/** One object: a version of a key. */
type KeyVersion = {
  readonly handle: Handle;
  readonly id: Buffer;
  readonly isEnabled: boolean;
  /** Neither its value nor a wrapped copy of it can be taken out of the token. */
  readonly stays: boolean;
  /** In bytes. */
  readonly length: number;
};

/** More objects of one label than a key has versions. */
const MOST = 1024;
const READ = [CKA.ID, CKA.ENCRYPT, CKA.DECRYPT, CKA.SENSITIVE, CKA.EXTRACTABLE, CKA.VALUE_LEN];
const AES_256 = 32;
/** A wrapped key stores the length of a CKA_ID in one byte. */
const MAX_ID = 255;

/** All versions of the key. Throws `login` without a login, since the token would hide the private ones. */
function versionsOf(token: TokenSession, session: Session, label: string): readonly KeyVersion[] {
  const { cryptoki } = token;
  token.requireLogin(session);
  const handles = found(token, session, label);
  if (handles.length === 0) token.requireSameToken(session);
  return handles.map((handle) => {
    // New objects for each call: the package writes the values into them.
    const template = READ.map((type) => ({ type }));
    const values = cryptoki.C_GetAttributeValue(session.handle, handle, template);
    const bytesOf = (type: number): Buffer => values.find((one) => one.type === type)?.value ?? Buffer.alloc(0);
    const is = (type: number): boolean => bytesOf(type)[0] === 1;
    return {
      handle,
      id: Buffer.from(bytesOf(CKA.ID)),
      isEnabled: is(CKA.ENCRYPT) && is(CKA.DECRYPT),
      stays: is(CKA.SENSITIVE) && !is(CKA.EXTRACTABLE),
      length: ulongIn(bytesOf(CKA.VALUE_LEN)),
    };
  });
}

/** A CK_ULONG in the machine's byte order, which is little-endian wherever Node runs; 0 where the token has none. */
function ulongIn(bytes: Buffer): number {
  return bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
}

function found({ cryptoki }: TokenSession, { handle }: Session, label: string): readonly Handle[] {
  cryptoki.C_FindObjectsInit(handle, [
    { type: CKA.CLASS, value: CK.CLASS_SECRET_KEY },
    { type: CKA.KEY_TYPE, value: CK.KEY_AES },
    { type: CKA.TOKEN, value: true },
    // Anyone can create a public object without the PIN: such a key could be one whose value they know.
    { type: CKA.PRIVATE, value: true },
    { type: CKA.LABEL, value: label },
  ]);
  try {
    const handles: Handle[] = [];
    // A module may return fewer than asked for; the end is an empty answer.
    while (handles.length < MOST) {
      const more = cryptoki.C_FindObjects(handle, MOST);
      if (more.length === 0) break;
      handles.push(...more);
    }
    return handles;
  } finally {
    cryptoki.C_FindObjectsFinal(handle);
  }
}

/** The newest version, whatever its state; undefined where the token has no such key. */
function newestOf(versions: readonly KeyVersion[]): KeyVersion | undefined {
  return versions.toSorted((one, other) => compareVersions(other.id, one.id))[0];
}

/** What the state of a key is: that of its newest version. */
export function stateOf(token: TokenSession, session: Session, label: string): 'enabled' | 'disabled' | 'missing' {
  const newest = newestOf(versionsOf(token, session, label));
  if (newest === undefined) return 'missing';
  return newest.isEnabled ? 'enabled' : 'disabled';
}

/** The version that wraps. Throws `refused` for a key that is missing, disabled, or not confined to the token. */
export function currentVersion(token: TokenSession, session: Session, label: string): KeyVersion {
  return newestUsable(versionsOf(token, session, label));
}

/** The newest version. Throws also where its CKA_ID is another one's too, since what it wraps could not be opened. */
function newestUsable(versions: readonly KeyVersion[]): KeyVersion {
  const newest = usable(newestOf(versions));
  if (newest.id.length > MAX_ID) throw new TokenError('refused', 'the CKA_ID of the key is longer than 255 bytes');
  return onlyOne(versions.filter((one) => one.id.equals(newest.id)));
}

function onlyOne([version, ...others]: readonly KeyVersion[]): KeyVersion {
  if (others.length > 0) throw new TokenError('refused', 'two objects of the token have this name and id');
  return usable(version);
}

/** The version of this CKA_ID. Throws `refused` as `currentVersion`, and where the version is not there. */
export function versionOf(token: TokenSession, session: Session, label: string, id: Uint8Array): KeyVersion {
  return onlyOne(versionsOf(token, session, label).filter((one) => one.id.equals(id)));
}

function usable(version: KeyVersion | undefined): KeyVersion {
  if (version === undefined) throw new TokenError('refused', 'the token has no such key');
  if (!version.isEnabled) throw new TokenError('refused', 'the key is disabled');
  if (!version.stays)
    throw new TokenError('refused', 'the key can leave the HSM: it must be sensitive and not extractable');
  if (version.length !== AES_256) throw new TokenError('refused', 'the key is not an AES-256 key');
  return version;
}

/** Makes the key's first version, unless it has one. */
export function ensureKey(token: TokenSession, session: Session, label: string): void {
  const versions = versionsOf(token, session, label);
  if (versions.length === 0) addVersion(token, session, label, []);
}

/** Makes the key's next version, which wraps from now on. Throws `refused` as `currentVersion`. */
export function rotateKey(token: TokenSession, session: Session, label: string): void {
  const versions = versionsOf(token, session, label);
  newestUsable(versions);
  addVersion(token, session, label, versions);
}

function addVersion(token: TokenSession, { handle }: Session, label: string, versions: readonly KeyVersion[]): void {
  const id = nextVersion(versions.map((version) => version.id));
  if (id === null) throw new TokenError('refused', 'the key has no further version number');
  token.cryptoki.C_GenerateKey(handle, { mechanism: CK.AES_KEY_GEN }, [
    { type: CKA.CLASS, value: CK.CLASS_SECRET_KEY },
    { type: CKA.KEY_TYPE, value: CK.KEY_AES },
    { type: CKA.VALUE_LEN, value: AES_256 },
    { type: CKA.TOKEN, value: true },
    { type: CKA.PRIVATE, value: true },
    { type: CKA.SENSITIVE, value: true },
    { type: CKA.EXTRACTABLE, value: false },
    { type: CKA.ENCRYPT, value: true },
    { type: CKA.DECRYPT, value: true },
    // Nothing but AES-GCM: no other key of the token leaves under it by C_WrapKey.
    ...[CKA.WRAP, CKA.UNWRAP, CKA.SIGN, CKA.VERIFY, CKA.DERIVE].map((type) => ({ type, value: false })),
    { type: CKA.LABEL, value: label },
    { type: CKA.ID, value: id },
  ]);
}
