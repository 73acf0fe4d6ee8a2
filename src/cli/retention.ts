// Commands about a tenant's retention rules: show, starter packs, preview and propose a file.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { retention as english } from '../messages/en/retention.ts';
import { retention as chinese } from '../messages/zh-CN/retention.ts';
import type { RetentionBody } from '../model/change/retention.ts';
import { diffRules } from '../model/retention/difference.ts';
import { clauseTable } from '../model/retention/explain.ts';
import { PACKS, type PackWords, rulesOfPack } from '../model/retention/packs/packs.ts';
import type { RetentionRules } from '../model/retention/rules.ts';
import {
  changeRulesByCommand,
  countByRule,
  previewRulesByCommand,
  readRulesByCommand,
} from '../vault/changes/retention-by-command.ts';
import { openOwnGate } from '../vault/replay/open-own-gate.ts';
import type { WantedRetention } from '../vault/retention/draft-rules.ts';
import { membersIn } from './support/json-file.ts';
import { type LanguageOption, withLanguage } from './support/options.ts';
import {
  addSecondPersonOptions,
  commandOptions,
  printOutcome,
  type SecondPersonOptions,
} from './support/second-person.ts';
import { printJson, withVault, withVaultToRead } from './support/with-vault.ts';

type TenantOption = { readonly tenant: string };

const WORDS = { en: english, 'zh-CN': chinese } as const;

/** Registers `callvault retention`. */
export function retentionCommands(program: Command): void {
  const retention = program.command('retention').description('retention rules of a tenant');
  withLanguage(
    retention
      .command('show')
      .description('print the rules in force, in the form of FILE')
      .requiredOption('--tenant <id>', 'id of the tenant')
      .option('--clauses', 'print a table: each rule, its clause, what it does, and how many recordings it decides'),
  ).action(({ tenant, clauses, language }: TenantOption & LanguageOption & { readonly clauses?: true }) =>
    withVaultToRead(async (vault, _by, request) => {
      const { base, rules } = await readRulesByCommand(vault, tenant, request);
      if (base === null)
        throw new VaultError(
          'not_found',
          'the tenant has no retention rules, and no recording expires. Start from a pack: callvault retention packs',
        );
      if (clauses !== true) printFile(base, rules);
      else {
        const counts = await countByRule(vault, tenant, rules, request);
        process.stdout.write(clauseTable(rules, WORDS[language].explain, counts));
      }
    }),
  );
  withLanguage(
    retention.command('packs [id]').description('list starter packs, or print one as a FILE to edit'),
  ).action((id: string | undefined, { language }: LanguageOption) => {
    const { packs } = WORDS[language];
    const wordsOf = (pack: string): PackWords => packs[pack as keyof typeof packs];
    if (id === undefined) {
      for (const one of PACKS) printJson({ id: one.id, title: wordsOf(one.id).title, about: wordsOf(one.id).about });
      return;
    }
    const pack = PACKS.find((one) => one.id === id);
    if (pack === undefined)
      throw new VaultError('malformed', `the pack must be one of ${PACKS.map((one) => one.id).join(', ')}`);
    printFile(null, rulesOfPack(pack, wordsOf(pack.id)));
  });
  retention
    .command('preview <file>')
    .description('compare rules with those in force, line by line and on every recording')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .action((file: string, { tenant }: TenantOption) =>
      withVaultToRead(async (vault, _by, request) => {
        const { body, preview } = await previewRulesByCommand(vault, tenant, await rulesIn(file), request);
        printJson({ tenant, base: body.base, difference: differenceOf(body), preview });
      }),
    );
  addSecondPersonOptions(
    retention
      .command('propose <file>')
      .description('set rules once the tenant’s admin or another operator confirms')
      .requiredOption('--tenant <id>', 'id of the tenant'),
  ).action((file: string, options: TenantOption & SecondPersonOptions) =>
    withVault(async (vault, by, request) => {
      const { tenant } = options;
      const wanted = await rulesIn(file);
      await openOwnGate(vault, tenant, request);
      const how = commandOptions('retention propose', options);
      const outcome = await changeRulesByCommand(vault, by, tenant, wanted, how, request);
      const body = outcome.body as RetentionBody;
      const said = { tenant, retention: body.retention, difference: differenceOf(body) };
      await printOutcome(vault, outcome, options, said, said);
    }),
  );
}

function printFile(base: string | null, rules: RetentionRules): void {
  process.stdout.write(`${JSON.stringify({ base, rules }, null, 2)}\n`);
}

function differenceOf({ was, set }: RetentionBody): object {
  return was === null ? [] : diffRules(was, set);
}

/** The rules in a file: `{ "base": "ret_…" or null, "rules": { … } }`. Throws `malformed`. */
async function rulesIn(file: string): Promise<WantedRetention> {
  const example = 'print rules to start from with: retention show --tenant ten_…, or retention packs ID';
  const { base, rules, ...others } = await membersIn(file, 'the rules', example);
  if ((typeof base === 'string' || base === null) && rules !== undefined && Object.keys(others).length === 0)
    return { kind: 'retention', base, rules };
  throw new VaultError('malformed', `the file must have base and rules: ${example}`);
}
