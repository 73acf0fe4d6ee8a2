// The options by which an operator vouches for keys, as several commands take them.
import type { Command } from 'commander';
import type { TrustedKeys } from '../../vault/offline/trusted-keys.ts';
import { wholeNumber } from './options.ts';

export type TrustedKeyOptions = { readonly key: readonly string[]; readonly minimumWrap: string };

/** Adds them. */
export function addTrustedKeyOptions(command: Command): Command {
  return command
    .requiredOption('--key <id...>', 'ids of the keys you vouch for: no other key is believed')
    .requiredOption('--minimum-wrap <n>', 'least wrap generation that you believe');
}

/** What the operator vouches for. Throws `malformed` for what is no generation. */
export function trustedKeysFrom({ key: keys, minimumWrap }: TrustedKeyOptions): TrustedKeys {
  return { keys, minimumWrap: wholeNumber(minimumWrap, '--minimum-wrap', 1) };
}
