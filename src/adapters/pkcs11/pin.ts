// The PIN of the token's user: read from its file at each login, and never tried again once the token rejected it.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { VaultError } from '../../errors.ts';
import { unavailable } from './token-threads.ts';

/** Where the PIN is: in a file, or given. */
export type PinSource = { readonly file: string } | { readonly value: string };

export type Pin = {
  /** Throws `config_invalid` for a file that cannot be used, and `key_service_unavailable` for a rejected PIN. */
  readonly read: () => Promise<string>;
  /** The token did not take this PIN: trying it again would lock the token. Another one in the file is tried. */
  readonly refused: (pin: string, why: string) => void;
};

/** The PIN from this source. */
export function pinOf(source: PinSource): Pin {
  let bad: { readonly digest: string; readonly why: string } | null = null;
  return {
    read: async () => {
      const pin = 'value' in source ? source.value : await readPin(source.file);
      if (bad?.digest === digestOf(pin)) throw unavailable(`${bad.why}; callvault does not try the same PIN again`);
      return pin;
    },
    refused: (pin, why) => {
      bad = { digest: digestOf(pin), why };
    },
  };
}

async function readPin(file: string): Promise<string> {
  let mode: number;
  let text: string;
  try {
    mode = (await stat(file)).mode;
    text = await readFile(file, 'utf8');
  } catch (cause) {
    throw new VaultError('config_invalid', 'the file of CALLVAULT_PKCS11_PIN_FILE cannot be read', { cause });
  }
  if ((mode & 0o077) !== 0) throw new VaultError('config_invalid', 'the PIN file is open to others: chmod 0400');
  const pin = text.replace(/\r?\n$/, '');
  if (pin === '' || /\n/.test(pin)) throw new VaultError('config_invalid', 'the PIN file holds one line, the PIN');
  return pin;
}

function digestOf(pin: string): string {
  return createHash('sha256').update(pin).digest('hex');
}
