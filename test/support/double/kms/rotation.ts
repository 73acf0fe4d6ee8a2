// Key rotation: by a schedule that never runs here, and on demand, at once or after some status requests.
import { randomBytes } from 'node:crypto';
import { type ServiceCall, serviceError } from '../call.ts';
import type { DoubleState } from '../state.ts';
import { invalid, numberIn } from './input.ts';
import { alive, managed } from './manage.ts';
import type { MasterKey } from './master-key.ts';

export function enableKeyRotation(world: DoubleState, call: ServiceCall): object {
  const days = numberIn(call.input, 'RotationPeriodInDays') ?? 365;
  const key = enabled(alive(managed(world, call, 'EnableKeyRotation')));
  if (days < 90 || days > 2560) throw invalid(`Value at 'rotationPeriodInDays' failed to satisfy constraint`);
  key.rotationDays = days;
  return {};
}

export function getKeyRotationStatus(world: DoubleState, call: ServiceCall): object {
  const key = alive(managed(world, call, 'GetKeyRotationStatus'));
  const { rotationDays, turning } = key;
  if (turning !== null && --turning.looks < 0) rotate(key);
  const period = rotationDays === null ? {} : { RotationPeriodInDays: rotationDays };
  const since = key.turning === null ? {} : { OnDemandRotationStartDate: key.turning.since };
  return { KeyId: key.arn, KeyRotationEnabled: rotationDays !== null, ...period, ...since };
}

export function rotateKeyOnDemand(world: DoubleState, call: ServiceCall): object {
  const key = enabled(alive(managed(world, call, 'RotateKeyOnDemand')));
  const { rotationLooks, mostRotations } = world.settings;
  if (key.turning !== null) throw serviceError(400, 'ConflictException', `${key.arn} is being rotated.`);
  if (key.turns >= mostRotations) throw serviceError(400, 'LimitExceededException', 'no on-demand rotation is left');
  key.turns += 1;
  key.turning = { since: Date.now() / 1000, looks: rotationLooks };
  if (rotationLooks === 0) rotate(key);
  return { KeyId: key.arn };
}

function rotate(key: MasterKey): void {
  key.materials.push(randomBytes(32));
  key.turning = null;
}

function enabled(key: MasterKey): MasterKey {
  if (key.state === 'Disabled') throw serviceError(400, 'DisabledException', `${key.arn} is disabled.`);
  return key;
}
