// Waiting for the second person: until a change is applied or ends, or a signal stops the wait.
import { setTimeout } from 'node:timers/promises';
import { hasCode } from '../../errors.ts';
import { CHANGE_STATES, type Change, canBecome, isCommandKind } from '../../model/change/change.ts';
import { type ChangeOutcome, readOutcome } from '../../vault/changes/outcome.ts';
import type { Vault } from '../../vault/core/vault.ts';
import { STOPPED, withStopSignal } from './stop-signal.ts';
import { printJson } from './with-vault.ts';

const WAIT_MS = 2_000;
const READ_MS = 60_000;
/** Of shells, for a command that SIGINT ended. */
const INTERRUPTED = 130;

type Deps = Pick<Vault, 'db' | 'metadataKeys' | 'clock'>;

/**
 * Waits until a change is applied or ends, or is approved for its command to act; null where SIGINT or SIGTERM ended the
 * wait: the change is as it was, and stderr says to `goOn`. Throws `not_found`.
 */
export async function waitForChange(
  vault: Deps,
  id: string,
  goOn = `go on with: callvault changes wait ${id}`,
): Promise<ChangeOutcome | null> {
  try {
    return await withStopSignal(async (signal) => {
      process.stderr.write('callvault: waiting for the decision; Ctrl-C leaves the change open\n');
      for (;;) {
        const outcome = await tryToRead(vault, id, signal);
        if (outcome !== null && isDecided(outcome.change)) return outcome;
        await setTimeout(WAIT_MS, undefined, { signal });
      }
    });
  } catch (error) {
    if (!isStop(error)) throw error;
    process.stderr.write(`callvault: stopped waiting; the change stays open: ${goOn}\n`);
    process.exitCode = INTERRUPTED;
    return null;
  }
}

/** Prints how a change ended, and sets the exit code: 0 only if it was applied, or approved for its command. */
export function printDecided({ change, reason }: ChangeOutcome): void {
  const { id, state, decided } = change;
  printJson({ id, state: state.toLowerCase(), decided, ...(reason === null ? {} : { reason }) });
  if (state === 'APPROVED')
    process.stderr.write(`callvault: approved, and not done yet: run its command again with --change ${id}\n`);
  else if (state !== 'APPLIED') process.exitCode = 1;
}

/** Null while the database does not answer: a wait of days outlives its restarts. */
async function tryToRead(vault: Deps, id: string, signal: AbortSignal): Promise<ChangeOutcome | null> {
  try {
    return await readOutcome(vault, id, { signal: AbortSignal.any([signal, vault.clock.deadline(READ_MS)]) });
  } catch (error) {
    if (hasCode(error, 'database_busy', 'database_unavailable')) return null;
    throw error;
  }
}

/** An approved change of a command waits for it to act. */
function isDecided({ state, kind }: Change): boolean {
  if (state === 'APPROVED') return isCommandKind(kind);
  return !CHANGE_STATES.some((next) => canBecome(state, next));
}

/** The timer's error has the signal's reason as its cause. */
function isStop(error: unknown): boolean {
  return error === STOPPED || (error instanceof Error && error.cause === STOPPED);
}
