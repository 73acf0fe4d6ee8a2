// The permissions that a KMS call needs, with the condition keys for policies.
import type { ServiceCall } from '../call.ts';
import { authorize } from '../iam/policy.ts';
import type { DoubleState } from '../state.ts';
import type { EncryptionContext } from './ciphertext.ts';
import type { MasterKey } from './master-key.ts';

/** Throws AccessDeniedException if the caller may not do this with the key. */
export function requireKeyPermission(
  world: DoubleState,
  call: ServiceCall,
  action: string,
  key: MasterKey,
  context?: EncryptionContext,
): void {
  const aliases = [...world.aliases]
    .filter(([, arn]) => arn === key.arn)
    .map(([alias]) => alias.replace(/^.*?:(?=alias)/, ''));
  const keys: Record<string, readonly string[]> = {
    'kms:KeySpec': ['SYMMETRIC_DEFAULT'],
    'kms:KeyUsage': ['ENCRYPT_DECRYPT'],
    'kms:KeyOrigin': ['AWS_KMS'],
    ...(aliases.length === 0 ? {} : { 'kms:ResourceAliases': aliases }),
    ...requested(call),
  };
  for (const [name, value] of key.tags) keys[`aws:ResourceTag/${name}`] = [value];
  for (const [name, value] of Object.entries(context ?? {})) keys[`kms:EncryptionContext:${name}`] = [value];
  const names = Object.keys(context ?? {});
  if (names.length > 0) keys['kms:EncryptionContextKeys'] = names;
  authorize(world, call, [{ action: `kms:${action}`, resource: key.arn, keys }]);
}

/** The same for an alias or for all resources. */
export function requirePermission(world: DoubleState, call: ServiceCall, action: string, resource: string): void {
  authorize(world, call, [{ action: `kms:${action}`, resource, keys: requested(call) }]);
}

function requested(call: ServiceCall): Record<string, readonly string[]> {
  const { input } = call;
  const keys: Record<string, readonly string[]> = { 'aws:SecureTransport': ['false'] };
  const tags = (input['Tags'] ?? []) as readonly { readonly TagKey: string; readonly TagValue: string }[];
  for (const { TagKey, TagValue } of tags) keys[`aws:RequestTag/${TagKey}`] = [TagValue];
  if (tags.length > 0) keys['aws:TagKeys'] = tags.map(({ TagKey }) => TagKey);
  if (call.operation === 'CreateKey') {
    keys['kms:KeySpec'] = [String(input['KeySpec'] ?? 'SYMMETRIC_DEFAULT')];
    keys['kms:KeyUsage'] = [String(input['KeyUsage'] ?? 'ENCRYPT_DECRYPT')];
  }
  const days = input['PendingWindowInDays'];
  if (typeof days === 'number') keys['kms:ScheduleKeyDeletionPendingWindowInDays'] = [String(days)];
  const named = input['KeyId'];
  if (typeof named === 'string' && named.includes('alias/')) {
    keys['kms:RequestAlias'] = [named.replace(/^.*?:(?=alias)/, '')];
  }
  return keys;
}
