// The IAM templates: permissions match the table and the page, and names match the code.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type IamRequest, listOf, type Policy, verdict } from '../support/iam.ts';
import { TOP, textOf } from './documents.ts';
import {
  CONTEXTS,
  contextKeys,
  KEY,
  MORE_PATHS,
  OUR_KEY,
  PATHS,
  ROLES,
  type Role,
  TABLE,
  template,
  tenant,
  UNDER_CONTEXT,
  WRITES,
} from './iam-table.ts';

/** The requests of our adapters for an action, by the word of the table. */
function requests(action: string): Record<string, IamRequest> {
  if (UNDER_CONTEXT.some((one) => one === action)) {
    const uses = Object.entries(CONTEXTS);
    return Object.fromEntries(uses.map(([use, it]) => [use, { action, resource: KEY, context: contextKeys(it) }]));
  }
  if (action.startsWith('kms:')) return { key: { action, resource: KEY, context: OUR_KEY } };
  if (action.startsWith('s3:ListBucket')) return { bucket: { action, resource: 'arn:aws:s3:::BUCKET', context: {} } };
  const paths = Object.entries(PATHS);
  // Every write of ours is create-only; replacements are tested separately.
  const context = action === 's3:PutObject' ? WRITES.once : {};
  const at = (path: string) => ({ action, resource: `arn:aws:s3:::BUCKET/PREFIX/${path}`, context });
  return Object.fromEntries(paths.map(([word, path]) => [word, at(path)]));
}

function allowedWords(policy: Policy, action: string): string {
  const cases = Object.entries(requests(action));
  return cases
    .filter(([, request]) => verdict(policy, request) === 'allowed')
    .map(([word]) => word)
    .join(' ');
}

function actionsOf(policy: Policy, effect: 'Allow' | 'Deny'): string[] {
  return policy.Statement.filter(({ Effect }) => Effect === effect).flatMap(({ Action }) => [...listOf(Action)]);
}

describe('the IAM templates', () => {
  it('are exactly these files', () => {
    const files = readdirSync(join(TOP, 'docs/operations/iam')).sort();
    expect(files).toEqual([...ROLES, 'bucket', 'tenant-key'].map((name) => `${name}.json`).sort());
  });

  it.each(ROLES)('%s is allowed what the table says, and nothing else', (role) => {
    const policy = template(role);
    const wanted = Object.entries(TABLE).flatMap(([action, by]) =>
      by[role] === undefined ? [] : [[action, by[role]]],
    );
    const actions = [...new Set(actionsOf(policy, 'Allow'))].sort();
    expect(actions.map((action) => [action, allowedWords(policy, action)])).toEqual(wanted);
    // Only the Allow statements: a Deny would hide a mistaken Allow.
    const alone = { ...policy, Statement: policy.Statement.filter(({ Effect }) => Effect === 'Allow') };
    expect(actions.map((action) => [action, allowedWords(alone, action)])).toEqual(wanted);
  });

  it.each(ROLES)('%s may do the same with all names of a kind', (role) => {
    for (const [word, path] of MORE_PATHS) {
      for (const action of ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObjectVersion']) {
        const ask = (name: string) => {
          const context = action === 's3:PutObject' ? WRITES.once : {};
          return verdict(template(role), { action, resource: `arn:aws:s3:::BUCKET/PREFIX/${name}`, context });
        };
        expect([action, path, ask(path)]).toEqual([action, path, ask(PATHS[word])]);
      }
    }
  });

  it.each(ROLES)('%s names its actions in full, denies some, and fits a managed policy', (role) => {
    const policy = template(role);
    expect(policy.Version).toBe('2012-10-17');
    expect([...actionsOf(policy, 'Allow'), ...actionsOf(policy, 'Deny')].filter((name) => /[*?]/.test(name))).toEqual(
      [],
    );
    expect(actionsOf(policy, 'Deny')).toEqual(
      expect.arrayContaining(['kms:ScheduleKeyDeletion', 's3:PutBucketPolicy']),
    );
    expect(policy.Statement.filter(({ Resource }) => Resource === '*').map(({ Sid }) => Sid)).not.toContain('KeyState');
    // AWS counts no white space.
    expect(JSON.stringify(policy).length).toBeLessThan(6144);
    const sids = policy.Statement.map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
  });

  it.each(ROLES)('%s has no permission outside the vault’s names and contexts', (role) => {
    const policy = template(role);
    const elsewhere = ['PREFIX/other', 't/ten_a/r/rec_a/dep_a/audio', `PREFIX/t/${tenant}/other`, 'PREFIX/t/../x'];
    for (const action of ['s3:GetObject', 's3:PutObject', 's3:DeleteObjectVersion']) {
      for (const path of elsewhere) {
        const request = { action, resource: `arn:aws:s3:::BUCKET/${path}`, context: {} };
        expect(verdict(policy, request)).not.toBe('allowed');
      }
    }
    const { 'vault:use': _use, ...nameless } = CONTEXTS.object;
    const { 'vault:recording': _recording, ...homeless } = CONTEXTS.object;
    for (const context of [{}, nameless, homeless, { ...CONTEXTS.object, 'vault:use': 'other' }]) {
      for (const action of UNDER_CONTEXT) {
        expect(verdict(policy, { action, resource: KEY, context: contextKeys(context) })).not.toBe('allowed');
      }
    }
  });

  it.each(ROLES)('%s replaces nothing that it does not re-wrap', (role) => {
    const puts = (word: keyof typeof PATHS, write: keyof typeof WRITES) => {
      const resource = `arn:aws:s3:::BUCKET/PREFIX/${PATHS[word]}`;
      return verdict(template(role), { action: 's3:PutObject', resource, context: WRITES[write] });
    };
    for (const [word, rewrapped] of [
      ['r', []],
      ['e', ['rewrap']],
      ['a', []],
      ['x', []],
      ['k', []],
    ] as const) {
      const may = rewrapped.some((one) => one === role);
      expect([word, puts(word, 'over')]).toEqual([word, may ? 'allowed' : expect.not.stringMatching(/^allowed$/)]);
      expect([word, puts(word, 'replacing')]).toEqual([word, may ? 'allowed' : expect.not.stringMatching(/^allowed$/)]);
    }
    const uploads = ['ingest', 'work', 'all'].includes(role);
    expect(puts('r', 'once') === 'allowed').toBe(uploads);
    expect(puts('r', 'part') === 'allowed').toBe(uploads);
    // Another policy may allow it by mistake, so these roles have a Deny.
    if (uploads) for (const write of ['over', 'replacing'] as const) expect(puts('e', write)).toBe('denied');
    if (['work', 'all'].includes(role))
      for (const write of ['over', 'replacing'] as const) expect(puts('a', write)).toBe('denied');
  });

  it.each(ROLES)('%s uses a key under the members of our contexts and no others', (role) => {
    for (const [use, context] of Object.entries(CONTEXTS)) {
      for (const action of UNDER_CONTEXT) {
        const ask = (given: typeof context) =>
          verdict(template(role), { action, resource: KEY, context: contextKeys(given) });
        expect([use, action, ask({ ...context, 'vault:other': 'x' })]).not.toEqual([use, action, 'allowed']);
      }
    }
    // ForAllValues holds for a request without a context, so the other conditions must reject it.
    for (const action of UNDER_CONTEXT)
      expect(verdict(template(role), { action, resource: KEY, context: {} })).not.toBe('allowed');
  });

  it('deny what a role must never do, even if another policy allows it', () => {
    const denied = (role: Role, word: string, action: string) => {
      const request = requests(action)[word];
      return request !== undefined && verdict(template(role), request) === 'denied';
    };
    expect(denied('ingest', 'object', 'kms:Decrypt')).toBe(true);
    expect(denied('console', 'object', 'kms:Decrypt')).toBe(true);
    expect(denied('operator', 'object', 'kms:Decrypt')).toBe(true);
    expect(denied('rewrap', 'object', 'kms:Decrypt')).toBe(true);
    for (const role of ['ingest', 'console', 'operator', 'rewrap'] as const)
      expect(denied(role, 'kek', 'kms:Decrypt')).toBe(true);
    for (const use of ['metadata', 'kek', 'challenge']) expect(denied('rewrap', use, 'kms:ReEncryptTo')).toBe(true);
    expect(denied('operator', 'object', 'kms:ReEncryptFrom')).toBe(true);
    expect(denied('ingest', 'object', 'kms:ReEncryptFrom')).toBe(true);
    expect(denied('rewrap', 'key', 'kms:RotateKeyOnDemand')).toBe(true);
    expect(denied('rewrap', 'r', 's3:GetObject')).toBe(true);
    expect(denied('listen', 'object', 'kms:GenerateDataKey')).toBe(true);
    expect(denied('listen', 'r', 's3:PutObject')).toBe(true);
    expect(denied('operator', 'r', 's3:GetObject')).toBe(true);
    for (const role of ['ingest', 'listen', 'console', 'operator', 'rewrap'] as const)
      expect(denied(role, 'r', 's3:DeleteObjectVersion')).toBe(true);
    for (const role of ROLES) expect(denied(role, 'key', 'kms:ScheduleKeyDeletion')).toBe(true);
  });

  it('match the page’s table, cell by cell', () => {
    const rows = textOf('docs/operations/iam.md')
      .split('\n')
      .filter((line) => /^\| `(kms|s3):/.test(line));
    const listed = rows.map((row) =>
      row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
    const cells = Object.entries(TABLE).map(([action, by]) => [
      `\`${action}\``,
      ...ROLES.map((role) => by[role] ?? '–'),
    ]);
    expect(listed).toEqual(cells);
  });
});
