// A key of KMS: its material never leaves the double, and its state takes time to reach the operations that use it.
import { randomBytes, randomUUID } from 'node:crypto';
import { ACCOUNT, partitionOf, serviceError } from '../call.ts';

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

export type MasterKey = {
  readonly id: string;
  readonly arn: string;
  readonly region: string;
  readonly created: number;
  readonly description: string;
  readonly tags: Map<string, string>;
  /** All versions of the material, oldest first; the last one is current. */
  readonly materials: Buffer[];
  rotationDays: number | null;
  /** How often it was rotated on demand. */
  turns: number;
  /** A rotation on demand in progress: its start, and for how many more status requests it lasts. */
  turning: { readonly since: number; looks: number } | null;
  deletion: number | null;
  state: KeyState;
  /** The state before the last change, for operations that the change has not reached yet. */
  before: KeyState;
  changed: number;
};

export type Keys = {
  readonly keys: Map<string, MasterKey>;
  readonly aliases: Map<string, string>;
  readonly settings: { readonly propagationMs: number | null };
};

/** A new key with fresh material. */
export function newMasterKey(region: string, description: string, tags: Map<string, string>): MasterKey {
  const id = randomUUID();
  const arn = `arn:${partitionOf(region)}:kms:${region}:${ACCOUNT}:key/${id}`;
  const rotation = { rotationDays: null, turns: 0, turning: null };
  const state = { deletion: null, state: 'Enabled', before: 'Enabled', changed: 0 } as const;
  const created = Date.now() / 1000;
  return { id, arn, region, created, description, tags, materials: [randomBytes(32)], ...rotation, ...state };
}

/** The ARN of an alias in a region. */
export function aliasArn(region: string, name: string): string {
  return `arn:${partitionOf(region)}:kms:${region}:${ACCOUNT}:${name}`;
}

/** The key of that id, ARN, alias or alias ARN, by a name that is valid in this Region. */
export function findMasterKey({ keys, aliases }: Keys, region: string, named: unknown): MasterKey {
  if (typeof named !== 'string' || named.length === 0 || named.length > 2048) {
    throw serviceError(
      400,
      'ValidationException',
      "1 validation error detected: Value at 'keyId' failed to satisfy constraint",
    );
  }
  const prefix = aliasArn(region, '');
  if (named.startsWith('arn:') && !named.startsWith(prefix)) {
    throw serviceError(400, 'NotFoundException', `Invalid arn ${region}`);
  }
  const name = named.startsWith('arn:') ? named.slice(prefix.length) : named;
  if (name.startsWith('alias/')) {
    const key = keys.get(aliases.get(prefix + name) ?? '');
    if (key === undefined) throw serviceError(400, 'NotFoundException', `Alias ${prefix}${name} is not found.`);
    return key;
  }
  const arn = named.startsWith('arn:') ? named : `${prefix}key/${name}`;
  const key = keys.get(arn);
  if (key === undefined) throw serviceError(400, 'NotFoundException', `Key '${arn}' does not exist`);
  return key;
}

/** The key of a management call: those take no alias. */
export function findManagedKey(keys: Keys, region: string, named: unknown): MasterKey {
  if (typeof named === 'string' && /^(arn:.*:)?alias\//.test(named)) {
    throw serviceError(400, 'NotFoundException', `Invalid keyId ${named}`);
  }
  return findMasterKey(keys, region, named);
}

/** Changes the state; operations that use the key see it after the time of propagation. */
export function changeState(keys: Keys, key: MasterKey, state: KeyState): void {
  key.before = stateInUse(keys, key);
  key.state = state;
  key.changed = Date.now();
}

/** Fixes the states that have propagated so far, before the time of propagation changes. */
export function settleStates(keys: Keys): void {
  for (const key of keys.keys.values()) key.before = stateInUse(keys, key);
}

/** The state as the operations that use a key see it. */
export function stateInUse({ settings }: Keys, { state, before, changed }: MasterKey): KeyState {
  const { propagationMs } = settings;
  const late = propagationMs === null || Date.now() < changed + propagationMs;
  return late ? before : state;
}

/** Throws KMS's error for a key that must not be used. */
export function checkUsable(keys: Keys, key: MasterKey): void {
  const state = stateInUse(keys, key);
  if (state === 'Disabled') throw serviceError(400, 'DisabledException', `${key.arn} is disabled.`);
  if (state === 'PendingDeletion') throw pendingDeletion(key);
}

export function pendingDeletion({ arn }: MasterKey): Error {
  return serviceError(400, 'KMSInvalidStateException', `${arn} is pending deletion.`);
}
