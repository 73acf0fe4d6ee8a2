// Command that restores a log from its segments.
import type { Command } from 'commander';
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { StoredEvent } from '../../model/audit-event.ts';
import { readVerifierKey } from '../../model/log/note.ts';
import { restoreLogByCommand } from '../../vault/commands/restore-log.ts';
import { noteCrypto } from '../../vault/core/proofs/note-crypto.ts';
import type { RestoredLog } from '../../vault/log-restore/restore-log.ts';
import { wholeNumber } from '../support/options.ts';
import { saveEvents } from '../support/save-events.ts';
import { addDeploymentOptions, type CarryOutCliOptions, carryOutOrWait } from '../support/second-person.ts';
import { printJson, printLine, withVaultUntilStopped } from '../support/with-vault.ts';

type Options = CarryOutCliOptions & {
  readonly out?: string;
  readonly key: readonly string[];
  readonly lost?: string;
  readonly json: boolean;
};

/** Registers `callvault log restore` under `callvault log`. */
export function logRestoreCommand(log: Command): void {
  const command = log
    .command('restore <log>')
    .description(
      'bring back the published events that the database lacks, and end the hold, of a tenant’s log once another operator confirms: a tenant’s id, or deployment',
    )
    .option('--out <file>', 'new file for events that differ from the published ones and are removed')
    .option('--key <vkey...>', 'older keys that signed segments, besides those of CALLVAULT_SIGNER', [])
    .option(
      '--lost <events>',
      'go on without events that the anchor names and no segment has: the size that the error says',
    )
    .option('--json', 'print one JSON object', false);
  addDeploymentOptions(command).action((name: string, options: Options) => {
    const { out, json } = options;
    if (name !== 'deployment' && !isId(name, 'ten'))
      throw new VaultError('malformed', 'the log must be the id of a tenant, ten_…, or deployment');
    const keys = options.key.map(rawKey);
    const lost = options.lost === undefined ? null : wholeNumber(options.lost, '--lost', 1);
    const file = out ?? `callvault-removed-${name}-${new Date().toISOString().replaceAll(':', '')}.jsonl`;
    const save = (events: AsyncIterable<StoredEvent>) => saveEvents(file, events);
    return withVaultUntilStopped(
      ({ vault }, by, request) =>
        carryOutOrWait(
          vault,
          'log restore',
          options,
          (how, within) => restoreLogByCommand(vault, by, name, { keys, lost, save }, how, within),
          ({ log: restored }) => ({ log: restored }),
          (done) => (json ? printJson(toJson(name, done, file)) : printText(name, done, file)),
          () => request,
        ),
      { compares: false },
    );
  });
}

function rawKey(text: string): Uint8Array {
  const read = readVerifierKey(text, noteCrypto.sha256);
  if (read !== null) return read.key;
  throw new VaultError('malformed', '--key must be a verifier key: <log>+<key id>+<base64>');
}

function toJson(log: string, { revoked, foreign, ...done }: RestoredLog, file: string): object {
  const counts = revoked === null ? null : revoked.counts;
  return { log, ...done, file: done.removed > 0 ? file : null, revoked: counts, foreign };
}

function printText(log: string, { was, from, to, size, removed, foreign, revoked }: RestoredLog, file: string): void {
  for (const path of foreign) printLine(`! ${path} is no segment of this log`);
  if (revoked === null) {
    printLine(`✓ ${log}: continues what was published, nothing is changed (${size} events)`);
    return;
  }
  const back = from === null || to === null ? 'no event was missing' : `events ${from} to ${to} are back`;
  printLine(`✓ ${log}: was ${was ?? 'held'}, ${back}; the log takes events again`);
  if (removed > 0) printLine(`  ${removed} other events were removed; they are in ${file}`);
  const counts = Object.entries(revoked.counts).filter(([, count]) => count > 0);
  for (const [what, count] of counts) printLine(`  revoked again: ${count} ${what.replaceAll('_', ' ')}`);
}
