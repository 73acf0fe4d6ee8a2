// Commands about the expiry of a tenant's recordings: its state, pausing it, and resuming it by two people.
import type { Command } from 'commander';
import type { ResumeBody } from '../model/change/resume.ts';
import { changeByCommand } from '../vault/changes/by-command.ts';
import type { RequestContext } from '../vault/core/request-context.ts';
import { openOwnGate } from '../vault/replay/open-own-gate.ts';
import { readExpiry } from '../vault/retention/read-rules.ts';
import { pauseExpiryByCommand } from '../vault/retention/resume.ts';
import {
  addSecondPersonOptions,
  commandOptions,
  printOutcome,
  type SecondPersonOptions,
} from './support/second-person.ts';
import { printJson, withVault, withVaultToRead } from './support/with-vault.ts';

type TenantOption = { readonly tenant: string };

/** Registers `callvault expiry`. */
export function expiryCommands(program: Command): void {
  const expiry = program.command('expiry').description('expiry of a tenant’s recordings');
  const tenantCommand = (name: string, description: string): Command =>
    expiry.command(name).description(description).requiredOption('--tenant <id>', 'id of the tenant');
  tenantCommand(
    'status',
    'print whether recordings expire, how many are due, and which rules are being applied',
  ).action(({ tenant }: TenantOption) =>
    withVaultToRead(async (vault, _by, request) => printJson(await statusOf(vault, tenant, request))),
  );
  tenantCommand('pause', 'pause expiry at once: no recording expires until two people resume it').action(
    ({ tenant }: TenantOption) =>
      withVault(async (vault, by, request) => {
        await pauseExpiryByCommand(vault, by, tenant, request);
        printJson(await statusOf(vault, tenant, request));
      }),
  );
  addSecondPersonOptions(
    tenantCommand('resume', 'resume expiry once the tenant’s admin or another operator confirms'),
  ).action((options: TenantOption & SecondPersonOptions) =>
    withVault(async (vault, by, request) => {
      const { tenant } = options;
      await openOwnGate(vault, tenant, request);
      const how = commandOptions('expiry resume', options);
      const outcome = await changeByCommand(vault, by, tenant, { kind: 'resume' }, how, request);
      const { was, due } = outcome.body as ResumeBody;
      const done = { tenant, state: 'running', due };
      await printOutcome(vault, outcome, options, done, { tenant, was: was.toLowerCase(), due });
    }),
  );
}

async function statusOf(
  vault: Parameters<typeof readExpiry>[0],
  tenant: string,
  request: RequestContext,
): Promise<object> {
  const { expiry, due, now, waits } = await readExpiry(vault, tenant, false, request);
  const today = expiry?.day === now.slice(0, 10) ? expiry.erased : 0;
  return {
    ...{ tenant, state: expiry === null ? 'no_rules' : expiry.state.toLowerCase(), since: expiry?.since ?? null },
    ...{ by: expiry?.actor ?? null },
    ...{ applying: expiry?.applying ?? null, due, erased_today: today },
    ...{ waits_for_clock: waits === null ? null : { last_trusted: waits.lastTrusted } },
  };
}
