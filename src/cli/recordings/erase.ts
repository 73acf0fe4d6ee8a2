// Command that makes recordings permanently unreadable.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { hasCode, VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { ERASE_REASONS, isEraseReason } from '../../model/erasure.ts';
import { marksAtOnce } from '../../vault/changes/carry-out.ts';
import { type ErasuresInput, eraseByCommand } from '../../vault/commands/erase-recordings.ts';
import type { Marks } from '../../vault/core/permit.ts';
import type { Vault } from '../../vault/core/vault.ts';
import {
  type ErasureInput,
  type ErasureStatus,
  eraseRecording,
  readErasureStatus,
} from '../../vault/erasure/erase-recording.ts';
import { requireReplayed } from '../../vault/replay/open-own-gate.ts';
import { recordingIds } from '../support/options.ts';
import { carryOutOrWait } from '../support/second-person.ts';
import { printJson, withVault } from '../support/with-vault.ts';

/** `wait`: true until they are ERASED, false not even for the second person. `reason` goes into the log. */
type EraseOptions = {
  readonly tenant: string;
  readonly reason: string;
  readonly wait?: boolean;
  readonly note?: string;
  readonly alone?: true;
  readonly change?: string;
};

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
    .option('--wait', 'wait until they are ERASED, which takes some minutes')
    .option('--note <text>', 'shown to the person who confirms')
    .option('--alone', 'act at once, without the second person: the log says so')
    .option('--no-wait', 'exit once the change is open, and do not wait for the second person')
    .option('--change <id>', 'act on this approved change of the same command')
    .action((ids: readonly string[], options: EraseOptions) =>
      withVault(async (vault, by, request) => {
        const { tenant, reason, note, alone = false, change = null } = options;
        if (!isEraseReason(reason))
          throw new VaultError('malformed', `the reason must be one of ${ERASE_REASONS.join(', ')}`);
        const recordings = recordingIds(ids);
        // A hold that the database lacks, because it was restored, must be known first.
        await requireReplayed(vault, tenant, request);
        const marks = await marksAtOnce(vault, by, tenant, { alone, change }, request);
        if (marks !== null) return eraseEach(vault, by, { tenant, recordings, reason }, options, marks);
        const { reason: _code, ...others } = options;
        await carryOutOrWait(
          vault,
          'recordings erase',
          { ...others, ...(note === undefined ? {} : { reason: note }), wait: options.wait !== false },
          (how, within) => eraseByCommand(vault, by, { tenant, recordings, reason }, how, within),
          ({ recordings: named }) => ({ recordings: named }),
          async (_sessions, { recordings: erased }) => {
            for (const one of erased) await printErased(vault, one, await statusOf(vault, tenant, one), options);
          },
        );
      }),
    );
}

/** Erases one by one, so that those that can be erased are, whatever becomes of the others. */
async function eraseEach(
  vault: Vault,
  by: Actor,
  { tenant, recordings, reason }: ErasuresInput,
  options: EraseOptions,
  marks: Marks,
): Promise<void> {
  for (const recording of recordings) {
    const erased = await eraseOne(vault, by, { tenant, recording, reason }, marks);
    if (erased === null) process.exitCode = 1;
    else await printErased(vault, recording, erased, options);
  }
}

async function printErased(
  vault: Vault,
  recording: string,
  erased: ErasureStatus,
  { wait }: EraseOptions,
): Promise<void> {
  if (wait === true) printJson(await waitForErasure(vault, recording, erased));
  else printJson(lineOf(recording, erased));
}

function statusOf(vault: Vault, tenant: string, recording: string): Promise<ErasureStatus> {
  return readErasureStatus(vault, tenant, recording, { signal: vault.clock.deadline(CALL_MS) });
}

/** Null for a recording that cannot be erased, so that the others still are. */
async function eraseOne(vault: Vault, by: Actor, what: ErasureInput, marks: Marks): Promise<ErasureStatus | null> {
  try {
    const erased = await eraseRecording(vault, by, what, { signal: vault.clock.deadline(CALL_MS) }, marks);
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
    if (!hasCode(error, 'not_found', 'retained', 'held', 'restricted')) throw error;
    printErasureLine(`${what.recording}: ${error.message}`);
    return null;
  }
}

async function waitForErasure(vault: Vault, recording: string, erased: ErasureStatus): Promise<object> {
  let now = erased;
  while (now.state !== 'ERASED') {
    await sleep(POLL_MS);
    const before = now;
    now = await statusOf(vault, now.erasure.tenant, recording);
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
