// What people read about CALLVAULT_KEYS. Apart from its parser, which a command's help need not load.

/** What CALLVAULT_KEYS may be, for people. */
export const KEY_FORMS = 'keyring:PATH, kms: or pkcs11:token=LABEL';
