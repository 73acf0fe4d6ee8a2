// The statements that the IAM page adds for volume mode: permissions for tenant KEKs, and nothing else.
import { describe, expect, it } from 'vitest';
import { type Policy, verdict } from '../support/iam.ts';
import { textOf } from './documents.ts';
import { CONTEXTS, contextKeys, KEY, PATHS, ROLES, type Role, template, tenant, UNDER_CONTEXT } from './iam-table.ts';
import { SIDS, statementsFor, withKeks } from './iam-volume.ts';

const CHANGED = ['ingest', 'listen', 'work', 'all', 'operator', 'rewrap'] as const satisfies readonly Role[];

/** The actions on keys and blobs that a policy allows. */
function allowed(policy: Policy): string[] {
  const uses = Object.entries(CONTEXTS).flatMap(([use, context]) =>
    UNDER_CONTEXT.map((action) => ({ action, word: use, resource: KEY, context })),
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
  it('have these names', () => {
    expect(SIDS).toEqual(['UnwrapTenantKeks', 'MakeTenantKeks', 'WriteTenantKeks']);
  });

  it.each(CHANGED)('allow %s tenant KEKs and nothing more', (role) => {
    const before = allowed(template(role));
    expect(before.filter((what) => /^kms:.* kek$/.test(what))).toEqual([]);
    const more = allowed(withKeks(role)).filter((what) => !before.includes(what));
    expect(more).toEqual(
      role === 'operator' ? ['kms:Decrypt kek', 'kms:GenerateDataKey kek', 's3:PutObject k'] : ['kms:Decrypt kek'],
    );
    expect(allowed(withKeks(role))).toEqual(expect.arrayContaining(before));
    expect(JSON.stringify(withKeks(role)).length).toBeLessThan(6144);
  });

  it.each(['ingest', 'operator', 'rewrap'] as const)('allow %s nothing while kek is denied', (role) => {
    const { Statement, ...policy } = template(role);
    const still = { ...policy, Statement: [...Statement, ...statementsFor(role)] };
    expect(allowed(still)).not.toContain('kms:Decrypt kek');
  });

  it('allow a customer’s key to be used for KEKs, added as the page describes', () => {
    const text = textOf('docs/operations/iam/tenant-key.json').replaceAll('TENANT_ID', tenant);
    const policy = JSON.parse(text) as Policy;
    const who = (filled: Policy, action: string) =>
      ROLES.filter((role) => {
        const principal = `arn:aws:iam::VAULT_ACCOUNT:role/callvault-${role}`;
        const context = contextKeys(CONTEXTS.kek);
        return verdict(filled, { principal, action, resource: KEY, context }) === 'allowed';
      });
    for (const action of UNDER_CONTEXT) expect(who(policy, action)).toEqual([]);
    const more = CHANGED.filter((role) => role !== 'all').flatMap((role) => {
      const Principal = { AWS: `arn:aws:iam::VAULT_ACCOUNT:role/callvault-${role}` };
      const ofKeys = statementsFor(role).filter(({ Action }) => JSON.stringify(Action).includes('kms:'));
      return ofKeys.map((statement) => ({ ...statement, Principal, Resource: '*' }));
    });
    const after = { ...policy, Statement: [...policy.Statement, ...more] };
    expect(who(after, 'kms:Decrypt')).toEqual(['ingest', 'listen', 'work', 'operator', 'rewrap']);
    expect(who(after, 'kms:GenerateDataKey')).toEqual(['operator']);
  });
});
