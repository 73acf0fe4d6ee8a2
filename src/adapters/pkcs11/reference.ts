// Names of keys in a token: RFC 7512 URIs of two attributes, `pkcs11:token=LABEL;object=LABEL`, in one spelling.
import { VaultError } from '../../errors.ts';
import type { KeyReference } from '../../model/tenant.ts';

/** A key by the labels of its token and of its objects (CKA_LABEL): all versions of a key have the same label. */
export type KeyName = { readonly token: string; readonly label: string };

/** CK_TOKEN_INFO has 32 bytes for a label; those of objects have no limit of their own. */
const MOST_BYTES = { token: 32, object: 255 } as const;

/** The one spelling of a key's name: whatever RFC 3986 does not call unreserved is percent-encoded. */
export function referenceOf({ token, label }: KeyName): KeyReference {
  return { scheme: 'pkcs11', id: `pkcs11:token=${encoded(token)};object=${encoded(label)}` };
}

/** The key that a text names, in any spelling of RFC 7512, or null. It has a token, an object, and no version (`id`). */
export function parseReference(text: string): KeyName | null {
  if (!text.startsWith('pkcs11:') || text.includes('?')) return null;
  const attributes = new Map<string, string>();
  for (const part of text.slice('pkcs11:'.length).split(';')) {
    const [name = '', value, ...more] = part.split('=');
    const said = value === undefined || more.length > 0 ? null : decoded(value);
    if (said === null || attributes.has(name)) return null;
    attributes.set(name, said);
  }
  const { token, object, type = 'secret-key', ...others } = Object.fromEntries(attributes);
  const whole = isLabel(token, MOST_BYTES.token) && isLabel(object, MOST_BYTES.object);
  return whole && type === 'secret-key' && Object.keys(others).length === 0 ? { token, label: object } : null;
}

/** The label of a key in this token. Throws `key_refused` for another scheme, another token and any other spelling. */
export function labelIn(token: string, key: KeyReference): string {
  if (key.scheme !== 'pkcs11') throw new VaultError('key_refused', `the HSM has no ${key.scheme} keys`);
  const name = parseReference(key.id);
  if (name === null || referenceOf(name).id !== key.id) {
    throw new VaultError('key_refused', 'the key is not named by token and object');
  }
  if (name.token !== token)
    throw new VaultError('key_refused', 'the key is of another token than CALLVAULT_KEYS names');
  return name.label;
}

/** Without control characters, and without the blanks that end a padded label. */
function isLabel(text: string | undefined, most: number): text is string {
  return text !== undefined && /^\P{Cc}*[^\p{Cc} ]$/u.test(text) && Buffer.byteLength(text) <= most;
}

function encoded(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
