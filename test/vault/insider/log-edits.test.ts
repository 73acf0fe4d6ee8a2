// Edits of a log, its checkpoints, the store, the anchor and the clock: each is found as docs/operations/insider-edits.md says.
import '../../support/access-history/switches.ts';
import { describe, expect, it } from 'vitest';
import { ENGINES } from '../../support/engines.ts';
import { makeOriginal } from '../../support/insider/copies.ts';
import { testEdits } from '../../support/insider/edit-cases.ts';
import { logEditor } from '../../support/insider/log-editor.ts';
import { LOG_EDITS, removeNewestSeal } from '../../support/insider/log-edits.ts';
import { sealTenant } from '../../support/sealed-tenant.ts';

const SECTION = 'The log, its checkpoints and the clock';
/** Those that depend most on the database. */
const ON_BOTH = [
  'An event is changed together with its hash',
  'An event is removed, and the later ones are numbered and hashed again',
  'The last events are cut off, with the size of the log',
  'An event is written at the end with an earlier time',
  'A session without an approval is invented',
  'A stored tile is changed',
  'The oldest segment is removed',
];

describe.each(ENGINES)('a log that an insider edits on $engine $reason', ({ engine, present }) => {
  if (!present) return it.skip('needs the engine');
  testEdits(engine, SECTION, LOG_EDITS, engine === 'sqlite' ? undefined : ON_BOTH);
});

it('writes a seal that was removed again, from the same events', async () => {
  const original = await makeOriginal('sqlite');
  const copy = await original.copy();
  const { tenant } = copy.history;
  const log = logEditor(copy, tenant);
  const before = (await copy.sql.all('audit_seal')).filter((row) => row['log'] === tenant);
  await removeNewestSeal(copy);
  await sealTenant(copy, tenant);
  expect((await log.sizes()).length).toBe(before.length);
  // What came since is in the same seal now.
  expect((await log.sizes()).at(-1)).toBe(await log.size());
  await copy.end();
  await original.end();
});
