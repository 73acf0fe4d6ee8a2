// Import drill: an archive into a real process, with the import and the process killed meanwhile, and every file checked afterwards.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import SqliteFile from 'better-sqlite3';
import { type Archive, fillArchive, newArchive } from '../support/archives.ts';
import { builtBin } from '../support/built.ts';
import { newDeployment, type Server, staffDeployment, startServer } from '../support/fault-deployment.ts';
import { runCallvault } from '../support/run-callvault.ts';
import { freePort } from '../support/servers/process.ts';
import { until } from '../support/until.ts';

/** What a drill found. `again`: files whose bytes the vault recognized when all were sent once more. */
export type ImportDrill = {
  readonly files: number;
  readonly kills: number;
  readonly recordings: number;
  readonly deposits: number;
  readonly open: number;
  readonly again: number;
  readonly seconds: number;
  /** The exit code of the last run, and of sending everything again. */
  readonly codes: readonly (number | null)[];
};

/** Imports `files` recordings; the import is killed `kills` times, and the server at every second of them. */
export async function drillImport(
  { files, kills, random }: { readonly files: number; readonly kills: number; readonly random: () => number },
  say: (line: string) => void,
): Promise<ImportDrill> {
  const port = await freePort();
  const deployment = await newDeployment({ CALLVAULT_LISTEN: `127.0.0.1:${port}` });
  let server: Server | undefined;
  let archive: Archive | undefined;
  try {
    const people = await staffDeployment(deployment);
    const filled = newArchive(people.depositor);
    archive = filled;
    const manifest = fillArchive(filled, files);
    const given = (journal: string): string[] => [
      ...['import', filled.folder, '--source', 'pbx', '--manifest', manifest, '--url', `http://127.0.0.1:${port}`],
      ...['--credential', filled.credential, '--journal', join(filled.top, journal), '--concurrency', '8', '--json'],
    ];
    server = await startServer(deployment);
    const began = performance.now();
    for (let kill = 0; kill < kills; kill += 1) {
      const run = spawn(process.execPath, [builtBin(), ...given('journal')], { stdio: 'ignore' });
      // Somewhere in each of as many equal parts.
      const lines = Math.floor((files * (kill + 0.2 + 0.6 * random())) / (kills + 1));
      await until(
        'the import got so far',
        () => run.exitCode !== null || linesOf(join(filled.top, 'journal')) >= lines,
        {
          everyMs: 5,
        },
      );
      const running = kill % 2 === 1 ? server : undefined;
      await Promise.all([killProcess(run), running?.kill()]);
      if (running !== undefined) server = await startServer(deployment);
      say(`killed after about ${lines} files${running === undefined ? '' : ', with the server'}`);
    }
    const last = await runCallvault({}, ...given('journal'));
    const seconds = (performance.now() - began) / 1000;
    say(last.out.trim() || last.err.trim());
    // Without the journal every file is sent again: the vault compares digests and stores nothing.
    const again = await runCallvault({}, ...given('another-journal'));
    say(again.out.trim() || again.err.trim());
    const counts = JSON.parse(again.out || '{}') as { readonly again?: number };
    return {
      ...{ files, kills, seconds, again: counts.again ?? 0, codes: [last.code, again.code] },
      ...rowsOf(deployment.database),
    };
  } finally {
    await server?.kill();
    archive?.end();
    await deployment.remove();
  }
}

async function killProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

/** How many lines of about this length a journal has: reading it whole at every look would be slow. */
function linesOf(path: string): number {
  return existsSync(path) ? Math.floor(statSync(path).size / 250) : 0;
}

function rowsOf(database: string): Pick<ImportDrill, 'recordings' | 'deposits' | 'open'> {
  const file = new SqliteFile(database, { readonly: true });
  const count = (query: string): number => file.prepare(query).pluck().get() as number;
  try {
    return {
      recordings: count('select count(*) from recording'),
      deposits: count("select count(*) from deposit where state = 'AVAILABLE'"),
      open: count("select count(*) from deposit where state in ('UPLOADING', 'COMMITTING')"),
    };
  } finally {
    file.close();
  }
}
