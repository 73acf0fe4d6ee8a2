// The PIN of the token's user: read from its file at each login, and never tried again once the token rejected it.
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { VaultError } from '../../errors.ts';
import { unavailable } from './token-threads.ts';

/** Where the PIN is: in a file, or given. */
export type PinSource = { readonly file: string } | { readonly value: string };

export type Pin = {
  /** Throws `config_invalid` for a file that cannot be used, and `key_service_unavailable` for a rejected PIN. */
  readonly read: () => Promise<string>;
  /** The token did not take this PIN: trying it again would lock the token. Another one in the file is tried. */
  readonly refused: (pin: string, why: string) => void;
  /**
   * A login failed, perhaps by the PIN: the same PIN is tried again after a minute, then after two, four and so on, so that a
   * token that counts wrong PINs is not locked before a person sees it, and an outage ends by itself.
   */
  readonly failed: (pin: string, why: string) => void;
  /** The token took the PIN. */
  readonly worked: () => void;
};

const PAUSE_MS = 60_000;
const MAX_PAUSE_MS = 6 * 3_600_000;
const NEVER = Number.POSITIVE_INFINITY;

/** The PIN from this source. `now` is in milliseconds. */
export function pinOf(source: PinSource, now: () => number = () => performance.now()): Pin {
  let bad: { readonly digest: string; readonly why: string; readonly again: number; readonly pause: number } | null =
    null;
  return {
    read: async () => {
      const pin = 'value' in source ? source.value : await readPin(source.file);
      if (bad?.digest !== digestOf(pin) || now() >= bad.again) return pin;
      const minutes = Math.ceil((bad.again - now()) / 60_000);
      const when = bad.again === NEVER ? 'does not try the same PIN again' : `tries the PIN again in ${minutes} min`;
      throw unavailable(`${bad.why}; callvault ${when}`);
    },
    refused: (pin, why) => {
      bad = { digest: digestOf(pin), why, again: NEVER, pause: NEVER };
    },
    worked: () => {
      bad = null;
    },
    failed: (pin, why) => {
      const digest = digestOf(pin);
      const pause = bad?.digest === digest ? Math.min(2 * bad.pause, MAX_PAUSE_MS) : PAUSE_MS;
      bad = { digest, why, again: now() + pause, pause };
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
