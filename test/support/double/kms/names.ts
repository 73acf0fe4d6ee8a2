// Aliases and tags of keys.
import { type ServiceCall, serviceError } from '../call.ts';
import type { DoubleState } from '../state.ts';
import { pageIn, textIn } from './input.ts';
import { aliasArn, findManagedKey, findMasterKey, pendingDeletion } from './master-key.ts';
import { requireKeyPermission, requirePermission } from './permissions.ts';

export function createAlias(world: DoubleState, call: ServiceCall): object {
  const name = textIn(call.input, 'AliasName') ?? '';
  if (!/^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/.test(name)) {
    throw serviceError(400, 'InvalidAliasNameException', 'Alias must start with the prefix "alias/".');
  }
  const key = findManagedKey(world, call.region, call.input['TargetKeyId']);
  const arn = aliasArn(call.region, name);
  requirePermission(world, call, 'CreateAlias', arn);
  requireKeyPermission(world, call, 'CreateAlias', key);
  if (key.state === 'PendingDeletion') throw pendingDeletion(key);
  if (world.aliases.has(arn)) {
    throw serviceError(400, 'AlreadyExistsException', `An alias with the name ${arn} already exists`);
  }
  world.aliases.set(arn, key.arn);
  return {};
}

/** Needs permission for the alias, for its key and for its new key. */
export function updateAlias(world: DoubleState, call: ServiceCall): object {
  const arn = aliasArn(call.region, textIn(call.input, 'AliasName') ?? '');
  const key = findManagedKey(world, call.region, call.input['TargetKeyId']);
  requirePermission(world, call, 'UpdateAlias', arn);
  const before = world.keys.get(world.aliases.get(arn) ?? '');
  if (before === undefined) throw serviceError(400, 'NotFoundException', `Alias ${arn} is not found.`);
  requireKeyPermission(world, call, 'UpdateAlias', before);
  requireKeyPermission(world, call, 'UpdateAlias', key);
  if (key.state === 'PendingDeletion') throw pendingDeletion(key);
  world.aliases.set(arn, key.arn);
  return {};
}

export function listAliases(world: DoubleState, call: ServiceCall): object {
  const { input, region } = call;
  requirePermission(world, call, 'ListAliases', '*');
  const only = input['KeyId'] === undefined ? null : findMasterKey(world, region, input['KeyId']).arn;
  const all = [...world.aliases].filter(([alias, key]) => {
    return alias.startsWith(aliasArn(region, 'alias/')) && (only === null || key === only);
  });
  const { page, more } = pageIn(input, all);
  const Aliases = page.map(([alias, key]) => ({
    AliasName: alias.slice(aliasArn(region, '').length),
    AliasArn: alias,
    TargetKeyId: key.replace(/^.*key\//, ''),
  }));
  return { Aliases, ...more };
}

export function listResourceTags(world: DoubleState, call: ServiceCall): object {
  const key = findManagedKey(world, call.region, call.input['KeyId']);
  requireKeyPermission(world, call, 'ListResourceTags', key);
  const { page, more } = pageIn(call.input, [...key.tags]);
  return { Tags: page.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...more };
}
