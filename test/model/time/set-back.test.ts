// Each column that a query compares with the current time is set back after a wrong clock, or stays for a reason.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SET_BACK } from '../../../src/model/time/set-back.ts';

const FOLDER = 'src/adapters/sql';

/** `access`: it ends, or `end-later.ts` ends it. `calls`: of the calls, not of work. `forgets`: it only deletes what is old. */
const STAYS: Readonly<Record<string, 'access' | 'calls' | 'forgets'>> = {
  expires: 'access',
  opensUntil: 'access',
  idleEnds: 'access',
  'batch.due': 'access',
  'accessGrant.expires': 'access',
  'accessGrant.opensUntil': 'access',
  'accessRequest.expires': 'access',
  'grant.expires': 'access',
  'request.expires': 'access',
  // From the call's start; the rules decide it again, by envelope and entries.
  eraseAfter: 'calls',
  // From the call's start.
  audioDue: 'calls',
};

/** The columns that a source compares with a parameter for the current time. */
function comparedIn(source: string): string[] {
  const found = [...source.matchAll(/'([A-Za-z.]+)', '[<>]=?', (?:now|since|expired|liveAt)\b/g)];
  return [...found.map(([, column = '']) => column), ...(source.includes("ref('batch.due')") ? ['batch.due'] : [])];
}

it('sets back what work waits for, whichever query waits', () => {
  const known = new Set(
    SET_BACK.map(({ column }) => column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())),
  );
  // A session's start and a recording's say what was.
  const past = new Set(['created', 'recording.created', 'opened', 'startedAt', 'id']);
  const compared = readdirSync(FOLDER)
    .filter((name) => name.endsWith('.ts'))
    .flatMap((name) => comparedIn(readFileSync(join(FOLDER, name), 'utf8')))
    .map((column) => (column === 'idempotency.until' ? 'until' : column));
  expect(compared.length).toBeGreaterThan(20);
  const missing = compared.filter((column) => !known.has(column) && STAYS[column] === undefined && !past.has(column));
  expect([...new Set(missing)]).toEqual([]);
});
