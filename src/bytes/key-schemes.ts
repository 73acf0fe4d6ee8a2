// The schemes of key references, by which wrapped keys name what wrapped them: stored, and so part of the format.

/** One a key provider (docs/format.md). A reader that does not know a scheme answers `format_unknown`. */
export const KEY_SCHEMES = ['kms', 'keyring', 'pkcs11'] as const;

export type KeyScheme = (typeof KEY_SCHEMES)[number];
