// Edits of rows, sealed details and tombstones: each is found as docs/operations/insider-edits.md says.
import '../../support/access-history/switches.ts';
import { describe, it } from 'vitest';
import { ENGINES } from '../../support/engines.ts';
import { testEdits } from '../../support/insider/edit-cases.ts';
import { INGEST_EDITS, KEPT_EDITS } from '../../support/insider/kept-edits.ts';
import { ROW_EDITS } from '../../support/insider/row-edits.ts';

const SECTION = 'Rows, details and erasures';
const ON_BOTH = [
  'A person gets a role',
  'The row of an approval is added',
  'A grant has more uses',
  'A member of a team is exchanged for another',
  'The policy in force is weakened',
  'A sealed detail is changed',
  'The sealed details of an erased recording are put back',
  'An older version of the retention rules is in force again',
  'A withdrawal is of another caller',
  'An older ingest key is current again',
];

describe.each(ENGINES)('rows that an insider edits on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');
  testEdits(
    engine,
    SECTION,
    { ...ROW_EDITS, ...KEPT_EDITS, ...INGEST_EDITS },
    engine === 'sqlite' ? undefined : ON_BOTH,
  );
});
