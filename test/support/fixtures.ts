// Fixtures that hooks open and end: a fixture exists at once, its members once tests run.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';

type Open<T> = () => Promise<T>;
type End<T> = (fixture: T) => Promise<void>;

/** One fixture for all tests of the file, or of the describe. */
export function sharedFixture<T extends object>(open: Open<T>, end: End<T>): T {
  const { fixture, begin, finish } = fixtureOf(open, end);
  beforeAll(begin);
  afterAll(finish);
  return fixture;
}

/** A new fixture for each test. */
export function freshFixture<T extends object>(open: Open<T>, end: End<T>): T {
  const { fixture, begin, finish } = fixtureOf(open, end);
  beforeEach(begin);
  afterEach(finish);
  return fixture;
}

function fixtureOf<T extends object>(open: Open<T>, end: End<T>) {
  const fixture = {} as T;
  let isOpen = false;
  return {
    fixture,
    begin: async (): Promise<void> => {
      Object.assign(fixture, await open());
      isOpen = true;
    },
    finish: async (): Promise<void> => {
      if (isOpen) await end(fixture);
      isOpen = false;
    },
  };
}
