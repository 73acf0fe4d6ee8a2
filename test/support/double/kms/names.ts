// Aliases and tags of keys.
import { type Call, refusal } from '../call.ts';
import type { World } from '../state.ts';
import { pageIn, tagsIn, textIn } from './input.ts';
import { aliasArn, findManagedKey, findMasterKey, pendingDeletion } from './master-key.ts';
import { allow, allowKey } from './permissions.ts';

export function createAlias(world: World, call: Call): object {
  const name = textIn(call.input, 'AliasName') ?? '';
  if (!/^alias\/(?!aws\/)[a-zA-Z0-9/_-]{1,250}$/.test(name)) {
    throw refusal(400, 'InvalidAliasNameException', 'Alias must start with the prefix "alias/".');
  }
  const key = findManagedKey(world, call.region, call.input['TargetKeyId']);
  const arn = aliasArn(call.region, name);
  allow(world, call, 'CreateAlias', arn);
  allowKey(world, call, 'CreateAlias', key);
  if (key.state === 'PendingDeletion') throw pendingDeletion(key);
  if (world.aliases.has(arn)) {
    throw refusal(400, 'AlreadyExistsException', `An alias with the name ${arn} already exists`);
  }
  world.aliases.set(arn, key.arn);
  return {};
}

/** Needs leave for the alias, for the key it leads to and for the one it is led to. */
export function updateAlias(world: World, call: Call): object {
  const arn = aliasArn(call.region, textIn(call.input, 'AliasName') ?? '');
  const key = findManagedKey(world, call.region, call.input['TargetKeyId']);
  allow(world, call, 'UpdateAlias', arn);
  const before = world.keys.get(world.aliases.get(arn) ?? '');
  if (before === undefined) throw refusal(400, 'NotFoundException', `Alias ${arn} is not found.`);
  allowKey(world, call, 'UpdateAlias', before);
  allowKey(world, call, 'UpdateAlias', key);
  if (key.state === 'PendingDeletion') throw pendingDeletion(key);
  world.aliases.set(arn, key.arn);
  return {};
}

export function listAliases(world: World, call: Call): object {
  const { input, region } = call;
  allow(world, call, 'ListAliases', '*');
  const only = input['KeyId'] === undefined ? null : findMasterKey(world, region, input['KeyId']).arn;
  const all = [...world.aliases].filter(([alias, key]) => {
    return alias.startsWith(aliasArn(region, 'alias/')) && (only === null || key === only);
  });
  const { page, more } = pageIn(input, all, world.settings.pageSize);
  const Aliases = page.map(([alias, key]) => ({
    AliasName: alias.slice(aliasArn(region, '').length),
    AliasArn: alias,
    TargetKeyId: key.replace(/^.*key\//, ''),
  }));
  return { Aliases, ...more };
}

export function tagResource(world: World, call: Call): object {
  const key = findManagedKey(world, call.region, call.input['KeyId']);
  const tags = tagsIn(call.input);
  allowKey(world, call, 'TagResource', key);
  if (key.state === 'PendingDeletion') throw pendingDeletion(key);
  for (const [name, value] of tags) key.tags.set(name, value);
  return {};
}

export function listResourceTags(world: World, call: Call): object {
  const key = findManagedKey(world, call.region, call.input['KeyId']);
  allowKey(world, call, 'ListResourceTags', key);
  const { page, more } = pageIn(call.input, [...key.tags], world.settings.pageSize);
  return { Tags: page.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...more };
}
