// Texts for every check, code and action, compared with the source of the model.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checks } from '../../src/messages/en/checks.ts';
import { people } from '../../src/messages/en/people.ts';
import { words } from '../../src/messages/en/words.ts';
import { PURPOSES, REQUESTABLE_OBJECTS } from '../../src/model/policy.ts';
import { ROLES, SCOPES } from '../../src/model/principal.ts';

const source = ['access-checks.ts', 'policy/limits.ts']
  .map((path) => readFileSync(join(import.meta.dirname, '../../src/model', path), 'utf8'))
  .join('');

describe('the texts of a decision', () => {
  it('cover every check', () => {
    const names = [...source.matchAll(/\bcheck\(\s*'([a-z-]+)'/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !(String(name) in checks.names))).toEqual([]);
  });

  it('cover every code', () => {
    const codes = [...source.matchAll(/'([a-z]+(?:_[a-z]+)+|quarantined|restricted|denied|cancelled)'/g)].map(
      ([, code]) => code,
    );
    const grants = ['consumed', 'revoked', 'expired'].map((state) => `grant_${state}`);
    expect(codes.length).toBeGreaterThan(15);
    expect([...codes, ...grants].filter((code) => !(String(code) in checks.codes))).toEqual([]);
  });

  it('cover every scope of an API key', () => {
    expect(SCOPES.filter((name) => !(name in people.scopes))).toEqual([]);
  });

  it('cover every purpose, role and object', () => {
    expect(PURPOSES.filter((name) => !(name in words.purposes))).toEqual([]);
    expect(ROLES.filter((name) => !(name in words.roles))).toEqual([]);
    expect(REQUESTABLE_OBJECTS.filter((name) => !(name in words.objects))).toEqual([]);
    const facts = readFileSync(join(import.meta.dirname, '../../src/model/fact-forms.ts'), 'utf8');
    const kinds = [...(/sensitivity: oneOf\(([^)]+)\)/.exec(facts)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
      ([, kind]) => kind,
    );
    expect(kinds).toContain('normal');
    expect(kinds.filter((kind) => !(String(kind) in words.sensitivities))).toEqual([]);
  });
});
