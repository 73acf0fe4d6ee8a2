// Base64 (RFC 4648, section 4) and hex in Node and in browsers: base64 with padding, and one text only for the same bytes.

/** Bytes in base64 with padding. */
export function base64Of(bytes: Uint8Array): string {
  let raw = '';
  // An argument list has an end: 16 KiB stay well below it.
  for (let at = 0; at < bytes.length; at += 0x4000) raw += String.fromCharCode(...bytes.subarray(at, at + 0x4000));
  return btoa(raw);
}

/** The bytes of such a text; null for any other. */
export function bytesOfBase64(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const raw = atob(text);
    // Missing padding and unused bits would give the same bytes two texts.
    return btoa(raw) === text ? Uint8Array.from(raw, (character) => character.charCodeAt(0)) : null;
  } catch {
    return null;
  }
}

/** Bytes in lower-case hex. */
export function hexOf(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
