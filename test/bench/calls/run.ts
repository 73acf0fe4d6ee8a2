// The benches of whole calls: their processor time, load, and profiles, on each of the engines.
import { CALL_NAMES, callsOf } from './calls.ts';
import { type Contenders, startContenders } from './contenders.ts';
import { ENGINES, type EngineName, startEngines } from './engines.ts';
import { type LoadFigures, type LoadSize, measureLoad, reviewersFor } from './load.ts';
import { type CallFigures, measureCalls } from './measure.ts';
import { type ProfileFigures, profileCalls } from './profile.ts';
import { callsTable, loadTable, profileTable } from './table.ts';

/** What is measured, and how much of it. */
export type CallBenches = {
  readonly engines: readonly EngineName[];
  /** Another checkout that is measured beside this one. */
  readonly before: string | null;
  readonly calls: { readonly rounds: number; readonly each: number } | null;
  readonly load: LoadSize | null;
  /** Calls to profile, and how often each is made. */
  readonly profile: { readonly calls: readonly string[]; readonly each: number } | null;
  readonly warming: number;
};

/** Figures on one kind of engines. */
export type EngineFigures = {
  readonly engines: string;
  readonly calls: readonly CallFigures[];
  readonly load: readonly LoadFigures[];
  readonly profile: readonly ProfileFigures[];
};

/** Names of a list of engines. Throws RangeError for others. */
export function enginesIn(list: string): EngineName[] {
  return list.split(',').map((name) => {
    const found = ENGINES.find((one) => one === name);
    if (found === undefined) throw new RangeError(`--engine takes ${ENGINES.join(', ')}`);
    return found;
  });
}

/** Names of calls in a list, or of all. Throws RangeError for others. */
export function callsIn(list: string): readonly string[] {
  const names = list === 'all' ? CALL_NAMES : list.split(',');
  for (const name of names) {
    if (!CALL_NAMES.includes(name)) throw new RangeError(`--profile takes all, ${CALL_NAMES.join(', ')}`);
  }
  return names;
}

/** Measures on each of the engines, and prints every table as soon as it is complete. Without anything to measure it starts none. */
export async function runCallBenches(what: CallBenches, print: (text: string) => void): Promise<EngineFigures[]> {
  const all: EngineFigures[] = [];
  if (what.calls === null && what.load === null && what.profile === null) return all;
  for (const name of what.engines) {
    const engines = await startEngines(name);
    try {
      const reviewers = what.load === null ? 1 : reviewersFor(what.load);
      const contenders = await startContenders({ engines, before: what.before, reviewers });
      try {
        print(`\n${engines.described}`);
        all.push({ engines: name, ...(await measureAll(what, contenders.all, print)) });
      } finally {
        await contenders.close();
      }
    } finally {
      await engines.close();
    }
  }
  return all;
}

async function measureAll(
  { calls, load, profile, warming }: CallBenches,
  contenders: Contenders['all'],
  print: (text: string) => void,
): Promise<Omit<EngineFigures, 'engines'>> {
  const figures = {
    calls: calls === null ? [] : await measureCalls(contenders, callsOf(calls.each), calls.rounds, warming),
    profile: profile === null ? [] : await profileCalls(contenders, callsOf(profile.each), profile.calls, warming),
  };
  if (calls !== null) print(callsTable(figures.calls));
  for (const { name } of contenders) {
    const own = figures.profile.filter(({ server }) => server === name);
    if (own.length > 0) print(`\n${profileTable(own)}`);
  }
  const loaded =
    load === null ? [] : await measureLoad(contenders, load, (scenario) => print(`\n${loadTable(scenario)}`));
  return { ...figures, load: loaded };
}
