// What operators write after options, read the same way by every command. Each throws `malformed` and says what is wanted.

import type { Command } from 'commander';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { BASIS_KINDS, type BasisKind, isBasisKind } from '../../model/basis.ts';
import type { TrustedKeys } from '../../vault/offline/trusted-keys.ts';

/** A whole number from `least` to `most`; where nothing is said, to what a number can hold. */
export function wholeNumber(text: string, option: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  const to = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  throw new VaultError('malformed', `${option} is a whole number from ${least}${to}`);
}

/** A kind of legal basis. */
export function basisKind(text: string | undefined): BasisKind {
  if (text !== undefined && isBasisKind(text)) return text;
  throw new VaultError('malformed', `the legal basis is one of ${BASIS_KINDS.join(', ')}`);
}

/** Ids of recordings. */
export function recordingIds(ids: readonly string[]): readonly string[] {
  if (ids.every((id) => isId(id, 'rec'))) return ids;
  throw new VaultError('malformed', 'recordings are named by id: rec_…');
}

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
