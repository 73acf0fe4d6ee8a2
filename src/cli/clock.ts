// Commands that say what time it is: for logs that a wrong clock put ahead, and after a long gap.
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { inWords } from '../model/time/clock-messages.ts';
import type { ErasedSince } from '../vault/clock/erased-since.ts';
import {
  type ConfirmedClock,
  type CorrectedClock,
  confirmClockByCommand,
  correctClockByCommand,
} from '../vault/commands/clock.ts';
import { csvCell } from './support/csv-cell.ts';
import { addDeploymentOptions, type CarryOutCliOptions, carryOutOrWait } from './support/second-person.ts';
import { unwritable } from './support/unwritable.ts';
import { printJson, printLine, withVaultUntilStopped } from './support/with-vault.ts';

type Options = CarryOutCliOptions & { readonly json: boolean; readonly erased?: string };

/** Registers `callvault clock`. */
export function clockCommands(program: Command): void {
  const clock = program.command('clock').description('what time it is, where the clock was wrong');
  const correct = clock
    .command('correct')
    .description(
      'put the logs right that a wrong clock put ahead, once the machine’s clock is right and another operator confirms: the deployment’s at once',
    )
    .option('--erased <file>', 'new file for the recordings that were erased in the wrong time, as CSV')
    .option('--json', 'print one JSON object', false);
  addDeploymentOptions(correct).action((options: Options) =>
    withVaultUntilStopped(
      ({ vault }, by, request) =>
        carryOutOrWait(
          vault,
          'clock correct',
          options,
          (how, within) =>
            correctClockByCommand(
              vault,
              by,
              (erased) => saveErased(how.change === null ? options.erased : undefined, erased),
              how,
              within,
            ),
          (body) => (body.how === 'correct' ? { clock: body.clock, logs: body.logs } : {}),
          (done) => printCorrected(done, options),
          () => request,
        ),
      { compares: true, startCheck: false },
    ),
  );
  const confirm = clock
    .command('confirm')
    .description(
      'say that the machine’s clock is right after more than 72 hours without callvault, once another operator confirms',
    )
    .option('--json', 'print one JSON object', false);
  addDeploymentOptions(confirm).action((options: Options) =>
    withVaultUntilStopped(({ vault }, by, request) =>
      carryOutOrWait(
        vault,
        'clock confirm',
        options,
        (how, within) => confirmClockByCommand(vault, by, how, within),
        (body) => (body.how === 'confirm' ? { clock: body.clock, node: body.node, newest: body.newest } : {}),
        (done) => printConfirmed(done, options),
        () => request,
      ),
    ),
  );
}

/** Writes the erased recordings as CSV where a file is given; they are counted anyway. A change that is carried out has them. */
async function saveErased(file: string | undefined, erased: AsyncIterable<ErasedSince>): Promise<void> {
  const lines = async function* (): AsyncGenerator<string> {
    yield 'tenant,recording,erased_at,reason\n';
    for await (const { tenant, recording, at, reason } of erased)
      yield `${[tenant, recording, at, reason].map(csvCell).join(',')}\n`;
  };
  if (file === undefined) {
    for await (const _one of erased);
    return;
  }
  try {
    await pipeline(Readable.from(lines()), createWriteStream(file, { flags: 'wx', mode: 0o600 }));
  } catch (cause) {
    throw unwritable('the erased recordings', file, cause);
  }
}

function printCorrected({ corrected, held }: CorrectedClock, { json }: Pick<Options, 'json'>): void {
  if (held.length > 0) process.exitCode = 1;
  if (json) {
    printJson({ corrected, held });
    return;
  }
  for (const { log, from, to, ended } of corrected) {
    printLine(`✓ ${log}: was at ${from}, is right again from ${to}`);
    const counts = Object.entries(ended).filter(([, count]) => count > 0);
    for (const [what, count] of counts) printLine(`  ended: ${count} ${what.replaceAll('_', ' ')}`);
  }
  for (const log of held)
    printLine(`! ${log}: is held, and stays ahead: run callvault log restore ${log}, then this command`);
}

function printConfirmed({ node, newest, to }: ConfirmedClock, { json }: Pick<Options, 'json'>): void {
  if (json) {
    printJson({ node, newest, to });
    return;
  }
  const gap = inWords(Date.parse(to) - Date.parse(newest));
  printLine(
    `✓ ${node}: ${to} is right, ${gap} after the last trusted process; expiry goes on ten minutes after a start`,
  );
}
