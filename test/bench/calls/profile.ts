// `--profile CALL`: where the time of a call goes on each server, by groups, and what it asks the database.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Call, endRound, newRound } from './calls.ts';
import { noStatements, type Statements } from './drivers.ts';
import type { Contender } from './measure.ts';
import { type CpuProfile, type SourceOf, timeByGroup } from './profile-groups.ts';
import { sourcesByMaps } from './sources.ts';

/** One call on one server: everything per call. */
export type ProfileFigures = {
  readonly call: string;
  readonly server: string;
  /** Milliseconds of the main thread by group: waiting for a commit counts. */
  readonly groups: Readonly<Record<string, number>>;
  /** Milliseconds of processor time: of the main thread, and of all others (collectors, compilers, files, decoders). */
  readonly mainThread: number;
  readonly otherThreads: number;
  readonly statements: Statements;
};

/** Rounds of everything before a profile: until then the servers compile. */
const WARMING = 3;

/** Profiles the calls named in `wanted` on each server. `calls` are in the order that they need. */
export async function profileCalls(
  contenders: readonly Contender[],
  calls: readonly Call[],
  wanted: readonly string[],
  warming = WARMING,
): Promise<ProfileFigures[]> {
  const folder = mkdtempSync(join(tmpdir(), 'callvault-bench-'));
  const sourceOf = sourcesByMaps();
  const figures: ProfileFigures[] = [];
  try {
    for (const one of contenders) {
      for (let round = 0; round < warming; round++) await oneRound(one, calls, [], folder, sourceOf);
      // With the hooks in its drivers, too.
      await one.server.countStatements();
      await oneRound(one, calls, [], folder, sourceOf);
      figures.push(...(await oneRound(one, calls, wanted, folder, sourceOf)));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}

async function oneRound(
  { name: server, client, server: process }: Contender,
  calls: readonly Call[],
  wanted: readonly string[],
  folder: string,
  sourceOf: SourceOf,
): Promise<ProfileFigures[]> {
  const round = newRound();
  const figures: ProfileFigures[] = [];
  for (const { name: call, times, run } of calls) {
    const all = async (): Promise<void> => {
      for (let n = 0; n < times; n++) await run(client, round, n);
    };
    if (!wanted.includes(call)) {
      await all();
      continue;
    }
    const file = join(folder, `${figures.length}.cpuprofile`);
    await process.countStatements();
    await process.startProfile();
    const before = await process.threads();
    await all();
    const after = await process.threads();
    await process.stopProfile(file);
    const counted = Object.entries(await process.statements()).map(([kind, count]) => [
      kind,
      count === null ? null : count / times,
    ]);
    const profile = JSON.parse(readFileSync(file, 'utf8')) as CpuProfile;
    const groups = [...timeByGroup(profile, sourceOf)];
    const mainThread = (after.main - before.main) / times;
    figures.push({
      ...{ call, server, mainThread, otherThreads: (after.all - before.all) / times - mainThread },
      groups: Object.fromEntries(groups.map(([group, milliseconds]) => [group, milliseconds / times])),
      statements: { ...noStatements(), ...Object.fromEntries(counted) },
    });
  }
  await endRound(client, round);
  return figures;
}
