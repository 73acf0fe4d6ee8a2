// Command that takes rebuilt recordings out of quarantine.
import type { Command } from 'commander';
import type { Staying } from '../../model/change/release.ts';
import { type ReleaseOutcome, releaseByCommand } from '../../vault/changes/release-by-command.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { openOwnGate } from '../../vault/replay/open-own-gate.ts';
import { recordingIds } from '../support/options.ts';
import {
  addSecondPersonOptions,
  commandOptions,
  printOutcome,
  type SecondPersonOptions,
} from '../support/second-person.ts';
import { printJson, withVaultUntilStopped } from '../support/with-vault.ts';

type ReleaseOptions = SecondPersonOptions & {
  readonly tenant: string;
  readonly depositor: string;
  readonly recording?: readonly string[];
};

/** Registers `callvault recordings release`. */
export function releaseCommand(recordings: Command): void {
  const command = recordings
    .command('release')
    .description(
      'take rebuilt recordings out of quarantine, once the tenant’s admin or another operator confirms; lists those that stay',
    )
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--depositor <service>', 'the service that deposits these calls from then on')
    .option('--recording <id...>', 'only these recordings, at most 200 (default: all that were rebuilt)');
  addSecondPersonOptions(command).action((options: ReleaseOptions) =>
    withVaultUntilStopped(async ({ vault }, by, request) => {
      const { tenant, depositor, recording } = options;
      const wanted = {
        kind: 'release',
        depositor,
        recordings: recording === undefined ? null : recordingIds(recording),
      } as const;
      await openOwnGate(vault, tenant, request);
      const how = commandOptions('recordings release', options);
      const stays = (one: Staying): void => printJson({ ...one, stays: true });
      const outcome = await releaseByCommand(vault, by, tenant, wanted, how, request, stays);
      await printReleased(vault, outcome, options);
    }),
  );
}

function printReleased(vault: Vault, outcome: ReleaseOutcome, options: ReleaseOptions): Promise<void> {
  const { tenant, depositor } = options;
  const { released, without_basis, stays } = outcome.preview;
  const left = Object.values(stays).reduce((sum, count) => sum + count, 0);
  const of = { tenant, depositor };
  const done = { ...of, released: outcome.done ? outcome.released : 0, without_basis, stays: left };
  return printOutcome(vault, outcome, options, done, { ...of, to_release: released, without_basis, stays: left });
}
