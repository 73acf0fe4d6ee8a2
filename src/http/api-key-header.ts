// The API key in an Authorization header: as a Bearer token, or as the password of Basic authentication.
import { isId } from '../bytes/ids.ts';
import { type PresentedKey, parseApiKeyId } from '../vault/people/api-keys.ts';

const SECRET = /^[\x21-\x7e]{1,512}$/;

/**
 * The API key in a header; null for a header of another form. With Basic (RFC 7617), the user is the key's id and the
 * password its whole secret. A secret under the id of another key is a wrong secret of that other key.
 */
export function parseCredentials(header: string): PresentedKey | null {
  const [, scheme = '', token = ''] = /^(bearer|basic) ([\x21-\x7e]+)$/i.exec(header) ?? [];
  if (scheme.toLowerCase() === 'bearer') return SECRET.test(token) ? { id: parseApiKeyId(token), secret: token } : null;
  const pair = scheme === '' ? null : decodeBase64Text(token);
  // The user cannot contain a colon; the password can.
  const colon = pair?.indexOf(':') ?? -1;
  if (pair === null || colon === -1) return null;
  const [id, secret] = [pair.slice(0, colon), pair.slice(colon + 1)];
  return SECRET.test(secret) ? { id: isId(id, 'key') ? id : null, secret } : null;
}

/** Decodes padded base64 to text; null for anything else, or for bytes that are not UTF-8. */
function decodeBase64Text(token: string): string | null {
  const bytes = Buffer.from(token, 'base64');
  if (token.length > 1024 || bytes.toString('base64') !== token) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}
