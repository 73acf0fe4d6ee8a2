// Commands about a tenant's teams: list, and propose a file.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import type { TeamBody } from '../model/change/team.ts';
import { parseTeam, type WantedTeam } from '../model/team/wanted-team.ts';
import { changeByCommand } from '../vault/changes/by-command.ts';
import { listTeamsByCommand } from '../vault/teams/read-teams.ts';
import { readText } from './support/read-text.ts';
import {
  addSecondPersonOptions,
  commandOptions,
  printOutcome,
  type SecondPersonOptions,
} from './support/second-person.ts';
import { printJson, withVault, withVaultToRead } from './support/with-vault.ts';

type TenantOption = { readonly tenant: string };

/** Registers `callvault teams`. */
export function teamCommands(program: Command): void {
  const teams = program.command('teams').description('teams of a tenant: who works together, on which queues');
  teams
    .command('list')
    .description('list the teams of a tenant with their ids, members, leads and queues')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .action(({ tenant }: TenantOption) =>
      withVaultToRead(async (vault, _by, request) => {
        for (const { team, name, members, queues } of await listTeamsByCommand(vault, tenant, request))
          printJson({ id: team.id, name, created: team.created, version: team.version, members, queues });
      }),
    );
  addSecondPersonOptions(
    teams
      .command('propose <file>')
      .description('make or change a team once the tenant’s admin or another operator confirms')
      .requiredOption('--tenant <id>', 'id of the tenant'),
  ).action((file: string, options: TenantOption & SecondPersonOptions) =>
    withVault(async (vault, by, request) => {
      const { tenant } = options;
      const wanted = await teamIn(file);
      const how = commandOptions('teams propose', options);
      const outcome = await changeByCommand(vault, by, tenant, wanted, how, request);
      const said = { tenant, team: (outcome.body as TeamBody).team };
      await printOutcome(vault, outcome, options, said, said);
    }),
  );
}

/** The team in a file: `{ "team": "tea_…", "name": …, "members": [ … ], "leads": [ … ], "queues": [ … ] }`. Throws `malformed`. */
async function teamIn(file: string): Promise<WantedTeam> {
  const text = await readText(file, 'the team');
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch (cause) {
    throw new VaultError('malformed', 'the file is not JSON: it must have name, members and queues', { cause });
  }
  return parseTeam(read);
}
