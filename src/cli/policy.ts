// Commands about a tenant's access policy: show, preview and propose a file.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import type { PolicyBody } from '../model/change/policy.ts';
import { diffPolicies } from '../model/policy/difference.ts';
import { type Policy, weakConsentIn } from '../model/policy.ts';
import {
  changePolicyByCommand,
  previewPolicyByCommand,
  readPolicyByCommand,
} from '../vault/changes/policy-by-command.ts';
import type { WantedPolicy } from '../vault/changes/policy-draft.ts';
import { openOwnGate } from '../vault/replay/open-own-gate.ts';
import { membersIn } from './support/json-file.ts';
import {
  addSecondPersonOptions,
  commandOptions,
  printOutcome,
  type SecondPersonOptions,
} from './support/second-person.ts';
import { printJson, withVault, withVaultToRead } from './support/with-vault.ts';

type TenantOption = { readonly tenant: string };

/** Registers `callvault policy`. */
export function policyCommands(program: Command): void {
  const policy = program.command('policy').description('access policy of a tenant');
  policy
    .command('show')
    .description('print the policy in force, in the form of FILE')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .action(({ tenant }: TenantOption) =>
      withVaultToRead(async (vault, _by, request) => {
        process.stdout.write(`${JSON.stringify(await readPolicyByCommand(vault, tenant, request), null, 2)}\n`);
      }),
    );
  policy
    .command('preview <file>')
    .description('compare a policy with the one in force, line by line and on the requests of the last 30 days')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .action((file: string, { tenant }: TenantOption) =>
      withVaultToRead(async (vault, _by, request) => {
        const { body, preview } = await previewPolicyByCommand(vault, tenant, await policyIn(file), request);
        printJson({
          tenant,
          base: body.base,
          difference: diffPolicies(body.was, body.set),
          ...weak(body.set),
          ...preview,
        });
      }),
    );
  addSecondPersonOptions(
    policy
      .command('propose <file>')
      .description('set a policy once the tenant’s admin or another operator confirms')
      .requiredOption('--tenant <id>', 'id of the tenant'),
  ).action((file: string, options: TenantOption & SecondPersonOptions) =>
    withVault(async (vault, by, request) => {
      const { tenant } = options;
      const wanted = await policyIn(file);
      await openOwnGate(vault, tenant, request);
      const how = commandOptions('policy propose', options);
      const outcome = await changePolicyByCommand(vault, by, tenant, wanted, how, request);
      const { policy: id, was, set } = outcome.body as PolicyBody;
      const said = { tenant, policy: id, difference: diffPolicies(was, set) };
      await printOutcome(vault, outcome, options, said, said);
    }),
  );
}

/** Names the purposes for which consent counts that no person gave. */
function weak(policy: Policy) {
  const purposes = weakConsentIn(policy);
  return purposes.length === 0 ? {} : { weak: purposes.map((purpose) => ({ purpose, consent: 'any' })) };
}

/** The policy in a file: `{ "base": "pol_…", "policy": { … } }`. Throws `malformed`. */
async function policyIn(file: string): Promise<WantedPolicy> {
  const example = 'print the policy in force with: policy show --tenant ten_…';
  const { base, policy, ...others } = await membersIn(file, 'the policy', example);
  if (typeof base === 'string' && policy !== undefined && Object.keys(others).length === 0)
    return { kind: 'policy', base, policy };
  throw new VaultError('malformed', `the file must have base and policy: ${example}`);
}
