// No chain of requests that a role may make opens what NeverUnwrapsContent says it never opens.
import { describe, expect, it } from 'vitest';
import { newId } from '../../src/bytes/ids.ts';
import type { KeyContext } from '../../src/envelope/key-context.ts';
import type { Policy } from '../support/iam.ts';
import { verdict } from '../support/iam.ts';
import { textOf } from './documents.ts';
import { CONTEXTS, contextKeys, KEY, type Role, template, tenant } from './iam-table.ts';
import { withKeks } from './iam-volume.ts';

type May = (action: string, context: KeyContext) => boolean;

/** Contexts that somebody who wants a key opened could name: every use, this tenant's or another's, with ids or without. */
const NAMED: readonly KeyContext[] = Object.keys(CONTEXTS).flatMap((use) =>
  [tenant, newId('ten')].flatMap((whose) =>
    [CONTEXTS.object, CONTEXTS.metadata, {}].map((like) => ({ ...like, 'vault:use': use, 'vault:tenant': whose })),
  ),
);

/**
 * The uses under which a key that stands under this context can be opened. A re-encryption asks for two permissions,
 * which no policy ties together: from wherever one may take, one may bring to wherever one may bring.
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
  it.each(NEVER)('is opened by no requests of %s, nor is a KEK', (role) => {
    expect(template(role).Statement.map(({ Sid }) => Sid)).toContain('NeverUnwrapsContent');
    expect(opened(by(template(role)), CONTEXTS.object)).toEqual([]);
    expect(opened(by(template(role)), CONTEXTS.kek)).toEqual([]);
  });

  it.each(['listen', 'work', 'all'] as const)('is opened by %s, and no KEK is', (role) => {
    expect(opened(by(template(role)), CONTEXTS.object)).toEqual(['object']);
    expect(opened(by(template(role)), CONTEXTS.kek)).toEqual([]);
  });

  it.each(['ingest', 'operator', 'rewrap'] as const)('that KMS wrapped is not opened by %s in volume mode', (role) => {
    expect(opened(by(withKeks(role)), CONTEXTS.object)).toEqual([]);
    expect(opened(by(withKeks(role)), CONTEXTS.kek)).toEqual(['kek']);
  });

  it.each(NEVER)('is opened by %s neither where a customer’s key policy alone decides', (role) => {
    const text = textOf('docs/operations/iam/tenant-key.json').replaceAll('TENANT_ID', tenant);
    const policy = JSON.parse(text) as Policy;
    const principal = `arn:aws:iam::VAULT_ACCOUNT:role/callvault-${role}`;
    const may: May = (action, context) =>
      verdict(policy, { principal, action, resource: KEY, context: contextKeys(context) }) === 'allowed';
    expect(may('kms:Decrypt', CONTEXTS.metadata)).toBe(true);
    expect(opened(may, CONTEXTS.object)).toEqual([]);
  });
});

describe('the chains are seen', () => {
  const moves = ['kms:ReEncryptFrom', 'kms:ReEncryptTo'];

  it('from a data key to what rewrap may open', () => {
    const own = [...moves, 'kms:Decrypt'];
    const before = changed('rewrap', 'MovesDataKeysToNoOtherUse', allow(own, ['metadata', 'kek', 'challenge']));
    expect(opened(by(before), CONTEXTS.object)).toEqual(['challenge', 'metadata']);
    const trying = changed('rewrap', 'MovesDataKeysToNoOtherUse', allow(own, ['challenge']));
    expect(opened(by(trying), CONTEXTS.object)).toEqual(['challenge']);
    // The Deny is a second wall.
    const walled = { ...before, Statement: [...before.Statement, ...template('rewrap').Statement] };
    expect(opened(by(walled), CONTEXTS.object)).toEqual([]);
  });

  it('from a data key to what an operator may open', () => {
    const planted = changed('operator', 'NeverMovesKeys', allow(moves, ['object', 'challenge']));
    expect(opened(by(planted), CONTEXTS.object)).toEqual(['challenge']);
  });
});
