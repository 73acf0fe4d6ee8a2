// The scope of people, as a property over random teams: what is seen is in a queue of an own, active team, or requested.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLES } from '../../../src/model/principal.ts';
import { hasQueue, isLimitedToTeams, scopeOfTeams, seesAccess } from '../../../src/model/team/scope.ts';
import type { TeamsWithParts } from '../../../src/model/team/team.ts';

const PEOPLE = ['usr_a', 'usr_b', 'usr_c'];
const QUEUES = ['', 'q1', 'q2', 'q3', 'q4'];
const bytes = (queue: string) => Buffer.from(queue);

type Drawn = { readonly active: boolean; readonly members: readonly string[]; readonly queues: readonly string[] };

const teams: fc.Arbitrary<readonly Drawn[]> = fc.array(
  fc.record({ active: fc.boolean(), members: fc.subarray(PEOPLE), queues: fc.subarray(QUEUES) }),
  { maxLength: 5 },
);

const rowsOf = (drawn: readonly Drawn[]): TeamsWithParts => ({
  teams: drawn.map(({ active }, n) => ({
    ...{ tenant: 'ten_a', id: `tea_${n}`, state: active ? 'ACTIVE' : 'ENDED', version: 1, created: '' },
    ...{ name: bytes(''), mac: null },
  })),
  members: drawn.flatMap(({ members }, n) =>
    members.map((person) => ({ tenant: 'ten_a', team: `tea_${n}`, person, lead: false, mac: null })),
  ),
  queues: drawn.flatMap(({ queues }, n) =>
    queues.map((queue) => ({ tenant: 'ten_a', team: `tea_${n}`, queue: bytes(queue), name: bytes(''), mac: null })),
  ),
});

describe('a scope of teams', () => {
  it('is the queues of the person’s active teams, each once', () => {
    const property = fc.property(teams, fc.constantFrom(...PEOPLE), (drawn, person) => {
      const scope = scopeOfTeams(person, rowsOf(drawn));
      const own = drawn.filter(({ active, members }) => active && members.includes(person));
      const expected = new Set(own.flatMap(({ queues }) => queues));
      const found = scope.queues.map((queue) => Buffer.from(queue).toString());
      expect(found.length).toBe(new Set(found).size);
      expect(new Set(found)).toEqual(expected);
      for (const queue of QUEUES) {
        expect(hasQueue(scope, { queue: bytes(queue) })).toBe(expected.has(queue));
        expect(seesAccess(scope, { queue: bytes(queue) }, true)).toBe(true);
        expect(seesAccess(scope, { queue: bytes(queue) }, false)).toBe(expected.has(queue));
      }
      expect(seesAccess(scope, { queue: null }, false)).toBe(false);
    });
    fc.assert(property, { seed: 20_261_128, numRuns: 500 });
  });

  it('only grows with a team, and only shrinks when a team ends', () => {
    const property = fc.property(teams, fc.nat(), fc.constantFrom(...PEOPLE), (drawn, at, person) => {
      const less = drawn.map((team, n) => (n === at % Math.max(1, drawn.length) ? { ...team, active: false } : team));
      const [before, after] = [scopeOfTeams(person, rowsOf(drawn)), scopeOfTeams(person, rowsOf(less))];
      for (const queue of after.queues) expect(hasQueue(before, { queue })).toBe(true);
    });
    fc.assert(property, { seed: 20_261_128, numRuns: 500 });
  });

  it('limits those who work with calls', () => {
    expect(ROLES.filter((role) => isLimitedToTeams([role]))).toEqual(['reviewer', 'supervisor']);
    expect(seesAccess('all', { queue: null }, false)).toBe(true);
  });
});
