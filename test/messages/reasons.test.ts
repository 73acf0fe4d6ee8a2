// Sentences for every check and code that can fail, in both languages.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reasons as english } from '../../src/messages/en/reasons.ts';
import { reasons as chinese } from '../../src/messages/zh-CN/reasons.ts';
import { flat } from './flat.ts';

const SOURCES = [
  ...[
    'model/access-checks.ts',
    'model/policy/limits.ts',
    'model/permissions.ts',
    'model/corrections.ts',
    'vault/listening/live-session.ts',
    'vault/listening/media.ts',
  ],
  ...['vault/listening/open.ts', 'vault/listening/live-object.ts'],
].map((path) => readFileSync(join(import.meta.dirname, '../../src', path), 'utf8'));

/** Pairs of check and code in a source. */
function pairsIn(source: string): string[] {
  const calls = [...source.matchAll(/\bcheck\(\s*'([a-z-]+)',[^;]*?'([a-z]+(?:_[a-z]+)+|quarantined|restricted)'/g)];
  const objects = [...source.matchAll(/\{\s*check: '([a-z-]+)',[^}]*?code: '([a-z_]+)'/g)];
  return [...calls, ...objects].map(([, check, code]) => `${check}.${code}`);
}

/** Pairs built at run time: by the state of a grant or a request, the end of a session, the way to step up. */
const BUILT = [
  ...['revoked', 'expired'].map((state) => `grant-live.grant_${state}`),
  ...['approval_pending', 'denied', 'cancelled', 'request_expired'].map((code) => `approval.${code}`),
  ...endReasons().map((reason) => `session-live.session_${reason}`),
];

function endReasons(): string[] {
  const source = readFileSync(join(import.meta.dirname, '../../src/model/access.ts'), 'utf8');
  const union = /export type SessionEndReason =([^;]+);/.exec(source)?.[1] ?? '';
  return [...union.matchAll(/'([a-z-]+)'/g)].map(([, reason]) => reason ?? '');
}

describe('the sentences of failed checks', () => {
  const known = flat(english);

  it('exist for every check and code of the sources', () => {
    const pairs = SOURCES.flatMap(pairsIn);
    expect(pairs).toEqual(
      expect.arrayContaining([
        'approver-old-enough.account_too_young',
        'step-up.api_key_decisions_off',
        'uses-left.grant_consumed',
        'scope.scope_needed',
        'queue-free.queue_by_privacy',
        'same-browser.another_browser',
        'object-granted.object_not_granted',
      ]),
    );
    expect(pairs.length).toBeGreaterThan(25);
    expect(endReasons().length).toBeGreaterThan(5);
    expect([...pairs, ...BUILT].filter((pair) => !known.has(pair))).toEqual([]);
  });

  it('exist in both languages, with the same placeholders', () => {
    const other = flat(chinese);
    expect([...other.keys()]).toEqual([...known.keys()]);
    for (const [path, text] of known) {
      const [a, b] = [text, other.get(path) ?? ''].map((one) =>
        [...one.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name),
      );
      expect({ path, names: b }).toEqual({ path, names: a });
      expect(other.get(path)).toMatch(/\p{Script=Han}/u);
      expect(text).not.toMatch(/\.$/);
    }
  });
});
