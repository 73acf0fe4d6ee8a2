// Patterns over names of files, matched in time that grows with the name's length alone: callers choose parts of the names,
// such as a SIP call id.
import { RE2JS } from 're2js';
import { VaultError } from '../errors.ts';

/** The named groups of a name that matches; null for one that does not. A group that took no part is undefined. */
export type NamePattern = (name: string) => Readonly<Record<string, string | undefined>> | null;

/**
 * Compiles a regular expression of JavaScript. Throws `malformed`, with the reason, for one that is none, and for one with
 * what no linear time allows: lookahead, lookbehind and references back.
 */
export function namePattern(pattern: string): NamePattern {
  try {
    // Not all that the other engine takes: names of groups have one form.
    new RegExp(pattern);
  } catch (cause) {
    throw new VaultError('malformed', 'it is not a regular expression', { cause });
  }
  try {
    const compiled = RE2JS.compile(pattern);
    return (name) => (compiled.exec(name) as RegExpExecArray | null)?.groups ?? null;
  } catch (cause) {
    const part = /`([^`]{1,40})`/.exec(cause instanceof Error ? cause.message : '')?.[1];
    const what = part === undefined ? 'it' : `it has ${part}, which`;
    throw new VaultError(
      'malformed',
      `${what} cannot be matched in linear time: write it without lookahead, lookbehind, references back and repetitions above 1,000`,
      { cause },
    );
  }
}
