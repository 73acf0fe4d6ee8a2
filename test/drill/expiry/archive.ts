// A naive archive: what a tenant's recordings should be after each act, by the twin, without indexes, batches or rows.
import {
  type TwinFacts,
  type TwinPatch,
  type TwinRecording,
  type TwinRules,
  twinAmendment,
  twinDeposit,
  twinRulesChange,
} from '../../support/retention-twin.ts';

export type Archive = ReturnType<typeof naiveArchive>;

/** An empty archive without rules. */
export function naiveArchive() {
  const living = new Map<string, TwinRecording>();
  const erased = new Set<string>();
  const holds = new Map<string, Hold>();
  let rules: TwinRules | null = null;

  const cover = (id: string, { facts }: TwinRecording): void => {
    for (const hold of holds.values()) if (hold.continuing && queueOf(facts) === hold.queue) hold.ids.add(id);
  };
  const amend = (id: string, patch: TwinPatch, now: string, alone: boolean): void => {
    const after = twinAmendment(found(living, id), { patch, now, alone });
    living.set(id, after);
    cover(id, after);
  };
  const isKept = (id: string, { facts }: TwinRecording): boolean =>
    facts['restricted'] !== undefined || [...holds.values()].some(({ ids }) => ids.has(id));

  return {
    living,
    erased,
    holds,
    deposit: (id: string, facts: TwinFacts, now: string): void => {
      const one = twinDeposit(rules, facts, now);
      living.set(id, one);
      cover(id, one);
    },
    change: (to: TwinRules, now: string): void => {
      rules = to;
      for (const [id, one] of living) living.set(id, twinRulesChange(one, to, now));
    },
    amend,
    /** What a withdrawal by a number reaches: its calls whose basis is consent. Returns how many. */
    withdraw: (number: string, purposes: readonly string[], now: string): number => {
      let reached = 0;
      for (const [id, { facts }] of living) {
        const [{ from }, { kind }] = [membersOf(facts, 'numbers'), membersOf(facts, 'basis')];
        if (from !== number || kind !== 'consent') continue;
        amend(id, { basis: { withdrawn: { at: now, purposes } } }, now, true);
        reached += 1;
      }
      return reached;
    },
    holdList: (hold: string, ids: readonly string[]): void => {
      holds.set(hold, { ids: new Set(ids), queue: '', continuing: false });
    },
    holdQueue: (hold: string, queue: string, continuing: boolean): void => {
      const ids = [...living].filter(([, { facts }]) => queueOf(facts) === queue).map(([id]) => id);
      holds.set(hold, { ids: new Set(ids), queue, continuing });
    },
    lift: (hold: string): void => {
      holds.delete(hold);
    },
    /** Those that may expire at `now`, in the order in which they do. */
    due: (now: string): string[] =>
      [...living]
        .filter(([id, one]) => one.eraseAfter <= now && !isKept(id, one))
        .map(([id, { eraseAfter }]) => ({ id, key: `${eraseAfter} ${id}` }))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map(({ id }) => id),
    erase: (ids: readonly string[]): void => {
      for (const id of ids) {
        living.delete(id);
        erased.add(id);
      }
    },
  };
}

type Hold = { readonly ids: Set<string>; readonly queue: string; readonly continuing: boolean };

function found(living: ReadonlyMap<string, TwinRecording>, id: string): TwinRecording {
  const one = living.get(id);
  if (one === undefined) throw new Error(`the archive has no ${id}`);
  return one;
}

/** The queue of facts; empty for none. */
export function queueOf(facts: TwinFacts): string {
  return String(facts['queue'] ?? '');
}

/** The members of a fact; none where it is absent or a text. */
export function membersOf(facts: TwinFacts, name: string): Readonly<Record<string, string | object>> {
  const value = facts[name];
  return typeof value === 'object' ? value : {};
}
