// Reasons for encrypting a recording again under a new data key.

export const REENCRYPT_REASONS = ['data-key', 'host', 'precaution'] as const;

/** `data-key`: the data key is known, or may be; `host`: a host that held it was compromised; `precaution`: neither is known. */
export type ReencryptReason = (typeof REENCRYPT_REASONS)[number];

/** Whether a text is such a reason. */
export function isReencryptReason(text: string): text is ReencryptReason {
  return (REENCRYPT_REASONS as readonly string[]).includes(text);
}
