// KMS's reply to a call, in JSON 1.1.
import { randomUUID } from 'node:crypto';
import { type Reply, type ServiceCall, serviceError } from '../call.ts';
import type { DoubleState } from '../state.ts';
import { decryptBytes, encryptBytes, generateDataKey, reEncrypt } from './data-keys.ts';
import {
  cancelKeyDeletion,
  createKey,
  describeKey,
  disableKey,
  enableKey,
  listKeys,
  scheduleKeyDeletion,
} from './manage.ts';
import { createAlias, listAliases, listResourceTags, updateAlias } from './names.ts';
import { enableKeyRotation, getKeyRotationStatus, rotateKeyOnDemand } from './rotation.ts';

const OPERATIONS: Readonly<Record<string, (world: DoubleState, call: ServiceCall) => object>> = {
  GenerateDataKey: generateDataKey,
  Encrypt: encryptBytes,
  Decrypt: decryptBytes,
  ReEncrypt: reEncrypt,
  CreateKey: createKey,
  DescribeKey: describeKey,
  ListKeys: listKeys,
  DisableKey: disableKey,
  EnableKey: enableKey,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  CancelKeyDeletion: cancelKeyDeletion,
  EnableKeyRotation: enableKeyRotation,
  GetKeyRotationStatus: getKeyRotationStatus,
  RotateKeyOnDemand: rotateKeyOnDemand,
  CreateAlias: createAlias,
  UpdateAlias: updateAlias,
  ListAliases: listAliases,
  ListResourceTags: listResourceTags,
};

/** Executes the operation. Throws KMS's errors. */
export function kmsAnswer(world: DoubleState, call: ServiceCall): Reply {
  const operation = OPERATIONS[call.operation];
  if (operation === undefined) throw serviceError(400, 'UnknownOperationException', '');
  return json(200, operation(world, call));
}

/** An error in KMS's words. */
export function jsonError(status: number, code: string, message: string): Reply {
  return json(status, message === '' ? { __type: code } : { __type: code, message });
}

function json(status: number, value: object): Reply {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() };
  return { status, headers, body: Buffer.from(JSON.stringify(value)) };
}
