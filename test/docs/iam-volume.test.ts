// What the page on IAM adds for volume mode: tenant KEKs, and nothing else.
import { describe, expect, it } from 'vitest';
import { type Policy, verdict } from '../support/iam.ts';
import { textOf } from './documents.ts';
import { CONTEXTS, contextKeys, KEY, PATHS, type Role, template } from './iam-table.ts';

type Statement = Policy['Statement'][number];

const section = textOf('docs/operations/iam.md').split('## Volume mode')[1]?.split('\n## ')[0] ?? '';
const added = [...section.matchAll(/```json\n(.*?)```/gs)].map(([, json]) => JSON.parse(json ?? '') as Statement);
const [processes, ...operators] = added;

/** The role's template as the page says to change it. */
function withKeks(role: Role): Policy {
  const text = JSON.stringify(template(role)).replaceAll('["object","kek"]', '["object"]');
  const policy = JSON.parse(text) as Policy;
  const more = role === 'operator' ? operators : [processes as Statement];
  return { ...policy, Statement: [...policy.Statement, ...more] };
}

/** What of keys and places a policy lets do. */
function allowed(policy: Policy): string[] {
  const uses = Object.entries(CONTEXTS).flatMap(([use, context]) =>
    ['kms:Decrypt', 'kms:GenerateDataKey'].map((action) => ({ action, word: use, resource: KEY, context })),
  );
  const paths = Object.entries(PATHS).flatMap(([word, path]) =>
    ['s3:PutObject', 's3:GetObject', 's3:DeleteObjectVersion'].map((action) => {
      return { action, word, resource: `arn:aws:s3:::BUCKET/PREFIX/${path}`, context: {} };
    }),
  );
  return [...uses, ...paths]
    .filter(({ action, resource, context }) => {
      return verdict(policy, { action, resource, context: contextKeys(context) }) === 'allowed';
    })
    .map(({ action, word }) => `${action} ${word}`);
}

describe('the statements for volume mode', () => {
  it.each(['ingest', 'listen', 'work', 'all', 'operator'] as const)('let %s have tenant KEKs and no more', (role) => {
    const before = allowed(template(role));
    expect(before.filter((what) => what.endsWith(' kek'))).toEqual([]);
    const more = allowed(withKeks(role)).filter((what) => !before.includes(what));
    expect(more).toEqual(
      role === 'operator' ? ['kms:Decrypt kek', 'kms:GenerateDataKey kek', 's3:PutObject k'] : ['kms:Decrypt kek'],
    );
    expect(allowed(withKeks(role))).toEqual(expect.arrayContaining(before));
  });
});
