// Vitest's set-up of each file: fails one that leaves a patch behind, since the next file may run in the same process.
import SqliteFile from 'better-sqlite3';
import { afterAll, expect } from 'vitest';

/** What tests patch: clocks, sources of chance, allocation, and the database's driver. */
const PATCHED: Readonly<Record<string, object>> = {
  // Not all of it: Node defines many members at their first use.
  globalThis: { fetch, setTimeout, clearTimeout, setInterval, clearInterval, setImmediate, queueMicrotask },
  Date,
  performance,
  JSON,
  Math,
  Buffer,
  'process.env': process.env,
  'Intl.DateTimeFormat.prototype': Intl.DateTimeFormat.prototype,
  'SqliteFile.prototype': SqliteFile.prototype,
};

/** What the configuration sets in the environment of its process. */
const OWN = 'process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED';

/** The members that are another value than at the beginning of the file. */
const before = members();
afterAll(() => {
  const now = members();
  const changed = [...new Set([...before.keys(), ...now.keys()])].filter(
    (name) => name !== OWN && before.get(name) !== now.get(name),
  );
  expect(changed, 'members that this file changed and did not restore').toEqual([]);
});

function members(): Map<string, unknown> {
  const found = Object.entries(PATCHED).flatMap(([name, object]) =>
    Object.entries(Object.getOwnPropertyDescriptors(object)).map(
      ([member, { value, get }]) => [`${name}.${member}`, value ?? get] as const,
    ),
  );
  return new Map(found);
}
