// The lines of an event that names a change, whose digest its proposal has as `effects`.
import { type Leaf, listed } from './leaf.ts';

/**
 * What an event did, as the lines of `effects` say it: its roles, its digest, for whom, how a key was changed, what
 * was lost, or from when a clock was wrong. A link's digest is of its secret, which its proposal does not have.
 */
export function linesOf({ action, object }: Leaf): readonly string[] {
  const { recordings, roles, code, sha256, principal, scopes, how, wrap, key, lost, from } = object;
  const { officer, hours, downloads } = object;
  // Recordings that stay have the line of what was not done: the digest says that each was done, or declared.
  const done = action === 'subject.stayed' ? String(object['instead']) : action;
  const copying = officer === undefined ? '-' : [officer, hours, downloads].map(String).join(',');
  if (recordings !== undefined) return listed(recordings).map((id) => `${done} ${id} ${copying}`);
  const given = how === 'given-key' ? key : undefined;
  const wrong = action.startsWith('clock.') ? from : undefined;
  const parameters = [principal, scopes, how, wrap, given, lost, wrong]
    .filter((value) => value !== undefined)
    .map(String)
    .join(',');
  const who = [...listed(roles), ...(code === undefined ? [] : [String(code)])].join(',');
  const digest = principal === undefined ? sha256 : undefined;
  const what = roles === undefined ? (digest ?? (parameters === '' ? '-' : parameters)) : who;
  return [`${action} ${object.id} ${what}`];
}
