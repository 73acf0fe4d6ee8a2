// The report of a restore or a drill: how far the backup was behind (RPO), and how long each step took (RTO).
import type { RestoredLog } from '../../vault/log-restore/restore-log.ts';
import type { Recovery } from '../../vault/restored/restore-vault.ts';
import { isCounted, type RestoreProblem, rtoOf, type Steps } from '../../vault/restored/steps.ts';
import { asSeconds, inWords } from './duration-words.ts';
import { printLine } from './with-vault.ts';

/** The line of a problem. */
export function problemLine({ step, log, message }: RestoreProblem): string {
  return `✗ ${log}: ${step}: ${message}`;
}

/** Lines about a log that came back; `file` has the events that were removed. */
export function restoredLogLine(log: string, { was, from, to, removed, revoked }: RestoredLog, file: string): string[] {
  const many = from === to ? `event ${to} is back` : `events ${from} to ${to} are back`;
  const back = from === null || to === null ? 'no event was missing' : many;
  const again = Object.entries(revoked?.counts ?? {}).flatMap(([what, count]) =>
    count > 0 ? [`${count} ${what.replaceAll('_', ' ')}`] : [],
  );
  return [
    `✓ ${log}: the log was ${was ?? 'held'}, ${back}`,
    ...(removed > 0 ? [`  ${removed} other events were removed; they are in ${file}`] : []),
    ...(again.length > 0 ? [`  revoked again: ${again.join(', ')}`] : []),
  ];
}

/** Prints both. `done`: nothing had to come back. */
export function printRecovery({ backup, lastEvent, newestBlob, rpo }: Recovery, steps: Steps, done = false): void {
  const since = (time: string | null): string => {
    if (time === null || time <= backup) return 'none since the backup';
    const seconds = Math.round((Date.parse(time) - Date.parse(backup)) / 1000);
    return `${time}, ${inWords(seconds)} later (${seconds} s)`;
  };
  if (!done) {
    printLine(`RPO  ${inWords(rpo)} (${rpo} s)`);
    printLine(`  backup       ${backup}`);
    printLine(`  last event   ${since(lastEvent)}`);
    printLine(`  newest blob  ${since(newestBlob)}`);
  }
  const took = steps.took();
  printLine(`RTO  ${asSeconds(rtoOf(steps))}`);
  for (const { step, ms } of took)
    printLine(`  ${step.padEnd(11)}  ${asSeconds(ms)}${isCounted(step) ? '' : ', not counted'}`);
}

/** Steps and problems, as members of a JSON report. */
export function stepsJson(steps: Steps): object {
  return {
    rto_seconds: rtoOf(steps) / 1000,
    steps: steps.took().map(({ step, ms }) => ({ step, seconds: ms / 1000 })),
    problems: steps.problems,
  };
}
