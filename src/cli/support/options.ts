// Option values that several commands parse. Each function throws `malformed` with the expected form.

import { type Command, Option } from 'commander';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { BASIS_KINDS, type BasisKind, isBasisKind } from '../../model/basis.ts';
import type { TrustedKeys } from '../../vault/offline/trusted-keys.ts';

/** Whole number from `least` to `most`, by default to the largest safe integer. */
export function wholeNumber(text: string, option: string, least: number, most = Number.MAX_SAFE_INTEGER): number {
  const number = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  const to = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`;
  throw new VaultError('malformed', `${option} must be a whole number from ${least}${to}`);
}

/** Kind of legal basis. */
export function basisKind(text: string | undefined): BasisKind {
  if (text !== undefined && isBasisKind(text)) return text;
  throw new VaultError('malformed', `the legal basis must be one of ${BASIS_KINDS.join(', ')}`);
}

/** Ids of recordings. */
export function recordingIds(ids: readonly string[]): readonly string[] {
  if (ids.every((id) => isId(id, 'rec'))) return ids;
  throw new VaultError('malformed', 'recordings must be given by id: rec_…');
}

export type TrustedKeyOptions = { readonly key: readonly string[]; readonly minimumWrap: string };

/** Adds `--key` and `--minimum-wrap`. */
export function addTrustedKeyOptions(command: Command): Command {
  return command
    .requiredOption('--key <id...>', 'ids of the keys that you trust; envelopes under any other key are rejected')
    .requiredOption('--minimum-wrap <n>', 'lowest wrap generation that you trust');
}

/** Keys that the operator trusts. Throws `malformed` for an invalid generation. */
export function trustedKeysFrom({ key: keys, minimumWrap }: TrustedKeyOptions): TrustedKeys {
  return { keys, minimumWrap: wholeNumber(minimumWrap, '--minimum-wrap', 1) };
}

export type LanguageOption = { readonly language: 'en' | 'zh-CN' };

/** Adds `--language`, of texts that a command prints for people. */
export function withLanguage(command: Command): Command {
  const system = /^zh\b/.test(Intl.DateTimeFormat().resolvedOptions().locale) ? 'zh-CN' : 'en';
  const option = new Option('--language <tag>', 'language of texts; default: the system’s');
  return command.addOption(option.choices(['en', 'zh-CN']).default(system));
}
