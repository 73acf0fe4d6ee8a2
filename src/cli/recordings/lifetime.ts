// Command that prints how long a recording stays, and why.
import type { Command } from 'commander';
import { recording as english } from '../../messages/en/recording.ts';
import { retention as englishRules } from '../../messages/en/retention.ts';
import { recording as chinese } from '../../messages/zh-CN/recording.ts';
import { retention as chineseRules } from '../../messages/zh-CN/retention.ts';
import { lifetimeSentences } from '../../model/retention/lifetime-text.ts';
import { readLifetimeByCommand } from '../../vault/catalogue/read-lifetime.ts';
import { type LanguageOption, recordingIds, withLanguage } from '../support/options.ts';
import { printLine, withVaultToRead } from '../support/with-vault.ts';

const WORDS = {
  en: { lifetime: english.lifetime, periods: englishRules.explain },
  'zh-CN': { lifetime: chinese.lifetime, periods: chineseRules.explain },
} as const;

type Options = LanguageOption & { readonly tenant: string };

/** Registers `callvault recordings lifetime`. */
export function lifetimeCommand(recordings: Command): void {
  withLanguage(
    recordings
      .command('lifetime <id>')
      .description('print until when a recording is kept, when it expires, and what keeps it; days are UTC')
      .requiredOption('--tenant <id>', 'id of the tenant'),
  ).action((given: string, { tenant, language }: Options) =>
    withVaultToRead(async (vault, _by, request) => {
      const [id = given] = recordingIds([given]);
      const { recording, inForce } = await readLifetimeByCommand(vault, tenant, id, request);
      const { lifetime: words, periods } = WORDS[language];
      const shown = {
        ...{ lifetime: inForce.lifetime, hasRules: inForce.version !== null },
        ...{ holds: recording.holds, isRestricted: recording.restricted !== null },
      };
      for (const sentence of lifetimeSentences(shown, words, periods)) printLine(sentence);
    }),
  );
}
