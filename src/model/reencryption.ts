// Why a recording is encrypted again under a new data key.

export const REENCRYPT_REASONS = ['data-key', 'host', 'precaution'] as const;

/** The data key is known, or may be; a host that had it in memory was broken into; nothing is known, and it is done all the same. */
export type ReencryptReason = (typeof REENCRYPT_REASONS)[number];

/** Whether a text is such a reason. */
export function isReencryptReason(text: string): text is ReencryptReason {
  return (REENCRYPT_REASONS as readonly string[]).includes(text);
}
