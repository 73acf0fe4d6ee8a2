// Command about a tenant's legal holds: list.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { HOLD_STATES, type HoldState } from '../model/hold.ts';
import { listHoldsByCommand } from '../vault/holds/read.ts';
import type { HoldView } from '../vault/holds/view.ts';
import { printJson, withVaultToRead } from './support/with-vault.ts';

type ListOptions = { readonly tenant: string; readonly state?: string };

/** Registers `callvault holds`. */
export function holdCommands(program: Command): void {
  const holds = program.command('holds').description('legal holds of a tenant: recordings that are not erased');
  holds
    .command('list')
    .description('list the legal holds of a tenant, newest first')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .option('--state <state>', HOLD_STATES.join(', ').toLowerCase())
    .action(({ tenant, state }: ListOptions) =>
      withVaultToRead(async (vault, _by, request) => {
        for (const view of await listHoldsByCommand(vault, tenant, stateOf(state), request)) printJson(lineOf(view));
      }),
    );
}

function stateOf(text: string | undefined): HoldState | null {
  if (text === undefined) return null;
  const found = HOLD_STATES.find((state) => state.toLowerCase() === text);
  if (found !== undefined) return found;
  throw new VaultError('malformed', `--state must be one of ${HOLD_STATES.join(', ').toLowerCase()}`);
}

function lineOf({ hold, note, rule, held, uncovered }: HoldView): object {
  const { id, state, continuing, review, created: placed, placedBy, lifted, liftedBy, damaged } = hold;
  return {
    ...{ id, state: state.toLowerCase(), reference: note?.reference ?? null, title: note?.title ?? null },
    ...{ rule, continuing, held, uncovered, review, placed, placed_by: placedBy, lifted, lifted_by: liftedBy },
    ...(damaged ? { damaged } : {}),
  };
}
