// Credential ids as text.

/** Whether it is one: at most 1,023 bytes (WebAuthn, section 4, credential ID), in base64url. */
export function isCredentialId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,1364}$/.test(id);
}
