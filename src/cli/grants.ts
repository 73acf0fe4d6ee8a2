// Commands about grants: revoke those of a person or on a recording.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { revokeGrantsByCommand } from '../vault/access/revoke-by-command.ts';
import { printJson, withVault } from './support/with-vault.ts';

type Options = {
  readonly tenant: string;
  readonly person?: string;
  readonly recording?: string;
  readonly reason: string;
};

/** As the API's: for reasons of people. */
const [LEAST_REASON, MOST_REASON] = [3, 500];

/** Registers `callvault grants`. */
export function grantCommands(program: Command): void {
  program
    .command('grants')
    .description('grants to listen')
    .command('revoke')
    .description('revoke all live grants of a person or on a recording at once, and end their sessions')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .option('--person <id>', 'the person or service whose grants end')
    .option('--recording <id>', 'the recording on which grants end')
    .requiredOption('--reason <text>', 'why, for the people concerned; sealed next to the events')
    .action(({ tenant, reason, ...options }: Options) =>
      withVault(async (vault, by, request) => {
        const of = grantsOf(options);
        for (const id of await revokeGrantsByCommand(vault, by, tenant, of, reasonIn(reason), request))
          printJson({ id, state: 'revoked' });
      }),
    );
}

function grantsOf({ person, recording }: Pick<Options, 'person' | 'recording'>) {
  if (person !== undefined && recording === undefined) return { person };
  if (recording !== undefined && person === undefined) return { recording };
  throw new VaultError('malformed', 'give either --person or --recording');
}

function reasonIn(text: string): string {
  const reason = text.trim();
  if (reason.length >= LEAST_REASON && reason.length <= MOST_REASON) return reason;
  throw new VaultError('malformed', `--reason must have ${LEAST_REASON} to ${MOST_REASON} characters`);
}
