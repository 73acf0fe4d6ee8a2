// The export of people: read back it is the same, and no cell begins with what a spreadsheet would compute.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { peopleCsv } from '../../src/console/pages/people/people-csv.ts';
import { areRolesPossible, removedOnly } from '../../src/console/pages/people/roles-fault.ts';
import { hasExpired } from '../../src/console/pages/people/sort.ts';
import { readPeopleCsv } from '../../src/model/change/people-csv.ts';
import { rolesFault } from '../../src/model/principal.ts';
import { trainingEnds } from '../../src/model/training.ts';

const ID = 'usr_06mbc00000000000000000000a';
const person = (name: string | null, more = {}) => ({
  ...{ id: ID, kind: 'person', name, roles: ['reviewer', 'supervisor'], state: 'active', trained_until: '2027-03-31' },
  ...{ owners: [], created: '2026-11-25T12:00:00.000Z', passkeys: 0, sign_ins: 0, last_seen: null, link_until: null },
  ...more,
});

it('has each active person once, without services and deactivated people', () => {
  const all = [person('Wei'), person('pbx', { kind: 'service' }), person('Old', { state: 'off' })] as never;
  expect(peopleCsv(all)).toBe(`\uFEFFid,name,roles,trained_until\r\n${ID},Wei,"reviewer, supervisor",2027-03-31\r\n`);
});

it('is read back with the same names, and has no cell that begins like a formula', () => {
  const anyName = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.constantFrom('=1+1', '@x', '+1', '-2', "'=a", 'a"b', 'a,b;c', ',+1'),
  );
  fc.assert(
    fc.property(
      anyName.filter((name) => name.trim() === name && !/^'[=+\-@\t\r]/.test(name)),
      (name) => {
        const csv = peopleCsv([person(name)] as never);
        // Quoted cells by their first character: a comma inside of one begins no cell.
        const starts = csv.replaceAll(/"((?:[^"]|"")*)"/g, (_, text: string) => text.slice(0, 1));
        expect(starts).not.toMatch(/(^|,|\n)[=+\-@\t\r]/);
        expect(readPeopleCsv(csv)).toEqual([
          {
            ...{ line: expect.any(Number), name },
            wanted: { id: ID, roles: ['reviewer', 'supervisor'], trained_until: '2027-03-31' },
          },
        ]);
      },
    ),
  );
});

it('agrees with the server on roles that one person can have, and on the end of a day', () => {
  const roles = ['reviewer', 'supervisor', 'privacy', 'auditor', 'admin'];
  for (let set = 0; set < 1 << roles.length; set++) {
    const some = roles.filter((_, n) => (set >> n) & 1);
    expect(areRolesPossible(some), some.join()).toBe(rolesFault('person', some) === null);
  }
  const end = Date.parse(trainingEnds('2027-03-31'));
  expect([hasExpired('2027-03-31', end - 1), hasExpired('2027-03-31', end)]).toEqual([false, true]);
  expect(removedOnly(['reviewer', 'supervisor'], ['reviewer'])).toEqual(['supervisor']);
  expect(removedOnly(['reviewer', 'supervisor'], [])).toBeNull();
  expect(removedOnly(['reviewer', 'supervisor'], ['auditor'])).toBeNull();
  expect(removedOnly(['reviewer'], ['reviewer'])).toBeNull();
});
