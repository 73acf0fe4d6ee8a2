// Chains of requests to KMS: none that a role may send opens the contexts that NeverUnwrapsContent excludes.
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyContext } from '../../src/envelope/key-context.ts';
import type { Policy } from '../support/iam.ts';
import { verdict } from '../support/iam.ts';
import { textOf } from './documents.ts';
import { CONTEXTS, contextKeys, KEY, type Role, template, tenant } from './iam-table.ts';
import { withKeks } from './iam-volume.ts';

type May = (action: string, context: KeyContext) => boolean;

/** Contexts that an attacker could name: every use, this tenant's or another's, with ids or without. */
const NAMED: readonly KeyContext[] = Object.keys(CONTEXTS).flatMap((use) =>
  [tenant, newId('ten')].flatMap((owner) =>
    [CONTEXTS.object, CONTEXTS.metadata, {}].map((like) => ({ ...like, 'vault:use': use, 'vault:tenant': owner })),
  ),
);

/**
 * The uses under which a key wrapped under this context can be opened. A re-encryption needs two permissions, which no policy
 * ties together: a role can re-encrypt from every context of the one to every context of the other.
 */
function opened(may: May, from: KeyContext): string[] {
  const reached = [from];
  const brings = NAMED.filter((context) => may('kms:ReEncryptTo', context));
  for (const context of reached) {
    if (!may('kms:ReEncryptFrom', context)) continue;
    reached.push(...brings.filter((one) => !reached.includes(one)));
  }
  const under = reached.filter((context) => may('kms:Decrypt', context));
  return [...new Set(under.map((context) => context['vault:use'] ?? ''))].sort();
}

const by =
  (policy: Policy): May =>
  (action, context) =>
    verdict(policy, { action, resource: KEY, context: contextKeys(context) }) === 'allowed';

const NEVER = ['ingest', 'console', 'operator', 'rewrap'] as const satisfies readonly Role[];

/** The template without a statement, and with more. */
function changed(role: Role, without: string, ...more: Policy['Statement']): Policy {
  const { Statement, ...policy } = template(role);
  expect(Statement.some(({ Sid }) => Sid === without)).toBe(true);
  return { ...policy, Statement: [...Statement.filter(({ Sid }) => Sid !== without), ...more] };
}

function allow(Action: readonly string[], uses: readonly string[]): Policy['Statement'][number] {
  const Condition = { StringEquals: { 'kms:EncryptionContext:vault:use': uses } };
  return { Sid: 'Planted', Effect: 'Allow', Action, Resource: 'arn:aws:kms:REGION:ACCOUNT:key/*', Condition };
}

describe('a data key', () => {
  it.each(NEVER)('cannot be opened by requests of %s, nor can a KEK', (role) => {
    expect(template(role).Statement.map(({ Sid }) => Sid)).toContain('NeverUnwrapsContent');
    expect(opened(by(template(role)), CONTEXTS.object)).toEqual([]);
    expect(opened(by(template(role)), CONTEXTS.kek)).toEqual([]);
  });

  it.each(['listen', 'work', 'all'] as const)('can be opened by %s, and a KEK cannot', (role) => {
    expect(opened(by(template(role)), CONTEXTS.object)).toEqual(['object']);
    expect(opened(by(template(role)), CONTEXTS.kek)).toEqual([]);
  });

  it.each(['ingest', 'operator', 'rewrap'] as const)(
    'that KMS wrapped cannot be opened by %s in volume mode',
    (role) => {
      expect(opened(by(withKeks(role)), CONTEXTS.object)).toEqual([]);
      expect(opened(by(withKeks(role)), CONTEXTS.kek)).toEqual(['kek']);
    },
  );

  it.each(NEVER)('cannot be opened by %s if only a customer’s key policy decides', (role) => {
    const text = textOf('docs/operations/iam/tenant-key.json').replaceAll('TENANT_ID', tenant);
    const policy = JSON.parse(text) as Policy;
    const principal = `arn:aws:iam::VAULT_ACCOUNT:role/callvault-${role}`;
    const may: May = (action, context) =>
      verdict(policy, { principal, action, resource: KEY, context: contextKeys(context) }) === 'allowed';
    expect(may('kms:Decrypt', CONTEXTS.metadata)).toBe(true);
    expect(opened(may, CONTEXTS.object)).toEqual([]);
  });
});

describe('the check finds a chain', () => {
  const moves = ['kms:ReEncryptFrom', 'kms:ReEncryptTo'];

  it('from a data key to contexts that rewrap may open', () => {
    const own = [...moves, 'kms:Decrypt'];
    const before = changed('rewrap', 'MovesDataKeysToNoOtherUse', allow(own, ['metadata', 'kek', 'challenge']));
    expect(opened(by(before), CONTEXTS.object)).toEqual(['challenge', 'metadata']);
    const trying = changed('rewrap', 'MovesDataKeysToNoOtherUse', allow(own, ['challenge']));
    expect(opened(by(trying), CONTEXTS.object)).toEqual(['challenge']);
    // The Deny is a second guard.
    const walled = { ...before, Statement: [...before.Statement, ...template('rewrap').Statement] };
    expect(opened(by(walled), CONTEXTS.object)).toEqual([]);
  });

  it('from a data key to contexts that an operator may open', () => {
    const planted = changed('operator', 'NeverMovesKeys', allow(moves, ['object', 'challenge']));
    expect(opened(by(planted), CONTEXTS.object)).toEqual(['challenge']);
  });
});
