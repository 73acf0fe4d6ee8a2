// Commands about changes by two people: list, wait for the decision, withdraw.
import type { Command } from 'commander';
import { VaultError } from '../errors.ts';
import { isCommandBody } from '../model/change/body.ts';
import { CHANGE_STATES, type ChangeState } from '../model/change/change.ts';
import { commandFacts } from '../model/change/command.ts';
import { changedIn } from '../model/change/people.ts';
import { settingsDifference } from '../model/change/settings.ts';
import { diffPolicies } from '../model/policy/difference.ts';
import { diffRules } from '../model/retention/difference.ts';
import { withdrawByCommand } from '../vault/changes/by-command.ts';
import { type ChangeView, listChangesByCommand } from '../vault/changes/read.ts';
import { printDecided, waitForChange } from './support/wait-for-change.ts';
import { printJson, withVault, withVaultToRead } from './support/with-vault.ts';

type ListOptions = { readonly tenant: string; readonly state?: string };

/** Registers `callvault changes`. */
export function changeCommands(program: Command): void {
  const changes = program.command('changes').description('changes that a second person applies');
  changes
    .command('list')
    .description('list the changes of a tenant, newest first')
    .requiredOption('--tenant <id>', 'id of the tenant')
    .option('--state <state>', 'such as open or applied; default: all')
    .action(({ tenant, state }: ListOptions) =>
      withVaultToRead(async (vault, _by, request) => {
        const views = await listChangesByCommand(vault, tenant, stateOf(state), request);
        for (const view of views) printJson(lineOf(view));
      }),
    );
  changes
    .command('wait <id>')
    .description('wait until a change is applied or ends; the exit code is 0 only if it was applied')
    .action((id: string) =>
      withVaultToRead(async (vault) => {
        const outcome = await waitForChange(vault, id);
        if (outcome !== null) printDecided(outcome);
      }),
    );
  changes
    .command('withdraw <id>')
    .description('withdraw a change that the same operator proposed')
    .action((id: string) =>
      withVault(async (vault, by, request) => {
        const { state } = await withdrawByCommand(vault, by, id, request);
        printJson({ id, state: state.toLowerCase() });
      }),
    );
}

function stateOf(text: string | undefined): ChangeState | null {
  if (text === undefined) return null;
  const found = CHANGE_STATES.find((state) => state.toLowerCase() === text);
  if (found !== undefined) return found;
  throw new VaultError('malformed', `--state must be one of ${CHANGE_STATES.join(', ').toLowerCase()}`);
}

function lineOf({ change, body, preview, note, reason, proposer, decider }: ChangeView): object {
  const { id, kind, state, opened, expires, decided } = change;
  return {
    ...{ id, kind, state: state.toLowerCase(), opened, expires, proposer, note, decider, decided, reason },
    ...effectsOf(body, preview),
  };
}

function effectsOf(body: ChangeView['body'], preview: ChangeView['preview']): object {
  if (body.kind === 'settings') return { difference: settingsDifference(body.was, body.set) };
  if (body.kind === 'people') return { people: body.add, people_changed: changedIn(body) };
  if (body.kind === 'policy') return { policy: body.policy, difference: diffPolicies(body.was, body.set), preview };
  if (body.kind === 'retention')
    return { retention: body.retention, difference: body.was === null ? [] : diffRules(body.was, body.set), preview };
  if (body.kind === 'resume') return { was: body.was.toLowerCase(), due: body.due };
  if (body.kind === 'team') return { team: { id: body.team, was: body.was, to: body.to } };
  if (body.kind === 'lift' && 'restrictions' in body) return { restrictions: body.restrictions };
  if (body.kind === 'lift') return { hold: body.hold, recordings: body.recordings ?? 'all' };
  if (isCommandBody(body)) return Object.fromEntries(commandFacts(body).map(({ name, value }) => [name, value]));
  if (body.kind === 'answer')
    return {
      request: body.request,
      asked: body.asked,
      outcomes: body.outcomes,
      refusal: body.refusal ?? null,
      copies: body.copies ?? null,
    };
  const { depositor, recordings } = body;
  return { depositor, recordings: recordings ?? 'all', preview };
}
