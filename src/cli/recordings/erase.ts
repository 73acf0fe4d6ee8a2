// Command that makes recordings permanently unreadable.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { hasCode, VaultError } from '../../errors.ts';
import { ERASE_REASONS, type EraseReason, isEraseReason } from '../../model/erasure.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { type ErasureStatus, eraseRecording, readErasureStatus } from '../../vault/erasure/erase-recording.ts';
import { recordingIds } from '../support/options.ts';
import { printJson, withVault } from '../support/with-vault.ts';

type EraseOptions = { readonly tenant: string; readonly reason: string; readonly wait: boolean };

const POLL_MS = 1_000;
const CALL_MS = 60_000;

/** Registers `callvault recordings erase`. */
export function eraseCommand(recordings: Command): void {
  recordings
    .command('erase <id...>')
    .description(
      'make recordings permanently unreadable: deletes their keys at once; the service then deletes the stored objects',
    )
    .requiredOption('--tenant <id>', 'id of the tenant')
    .requiredOption('--reason <code>', ERASE_REASONS.join(', '))
    .option('--wait', 'wait until they are ERASED, which takes some minutes', false)
    .action((ids: readonly string[], options: EraseOptions) =>
      withVault(async (vault, by, _request) => {
        const { tenant, reason } = options;
        if (!isEraseReason(reason))
          throw new VaultError('malformed', `the reason must be one of ${ERASE_REASONS.join(', ')}`);
        let failed = 0;
        for (const recording of recordingIds(ids)) {
          const erased = await eraseOne(vault, by, { tenant, recording, reason });
          if (erased === null) failed++;
          else if (options.wait) printJson(await waitForErasure(vault, recording, erased));
          else printJson(lineOf(recording, erased));
        }
        if (failed > 0) process.exitCode = 1;
      }),
    );
}

/** Null for a recording that cannot be erased, so that the others still are. */
async function eraseOne(
  vault: Vault,
  by: Parameters<typeof eraseRecording>[1],
  what: { readonly tenant: string; readonly recording: string; readonly reason: EraseReason },
): Promise<ErasureStatus | null> {
  try {
    const erased = await eraseRecording(vault, by, what, { signal: vault.clock.deadline(CALL_MS) });
    printErasureLine(
      erased.again
        ? `${what.recording} was already erased: ${remainingWork(erased)}`
        : `${what.recording}: ${remainingWork(erased)}`,
    );
    printErasureLine(
      `backups, replicas and WAL archives of the database from before ${erased.erasure.begun} still have the keys`,
    );
    return erased;
  } catch (error) {
    if (!hasCode(error, 'not_found', 'retained')) throw error;
    printErasureLine(`${what.recording}: ${error.message}`);
    return null;
  }
}

async function waitForErasure(vault: Vault, recording: string, erased: ErasureStatus): Promise<object> {
  let now = erased;
  while (now.state !== 'ERASED') {
    await sleep(POLL_MS);
    const before = now;
    now = await readErasureStatus(vault, now.erasure.tenant, recording, { signal: vault.clock.deadline(CALL_MS) });
    if (remainingWork(now) !== remainingWork(before)) printErasureLine(`${recording}: ${remainingWork(now)}`);
  }
  return lineOf(recording, now);
}

/** Progress of the erasure, for people. */
function remainingWork({ state, erasure }: ErasureStatus): string {
  const { pass, due } = erasure;
  if (state === 'ERASED') return 'ERASED';
  if (pass === 0)
    return 'its keys are deleted from the database and playback has ended; the service (role all or work) deletes the stored objects, envelopes with their wrapped keys first';
  return `its keys and stored objects are deleted; the service checks once more after ${due}, and then the state is ERASED`;
}

function lineOf(recording: string, { state, erasure, receipt }: ErasureStatus): object {
  const audit = `${receipt.log} ${receipt.seq} ${Buffer.from(receipt.hash).toString('base64')}`;
  return { recording, state, tombstone: erasure.tombstone, keys_in_backups_before: erasure.begun, audit };
}

function printErasureLine(line: string): void {
  process.stderr.write(`callvault: ${line}\n`);
}
