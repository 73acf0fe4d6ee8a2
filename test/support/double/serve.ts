// One call from its arrival to its reply: control, faults, permissions, the operation, and the record of the call.
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { isServiceError, type Reply, type ServiceCall, serviceError } from './call.ts';
import { control } from './control.ts';
import { drain, type Exchange, hangUp, readBody, readHalf, send } from './exchange.ts';
import { contextOf, type FaultEffect, keyIdOf, partOf, takeFault } from './faults.ts';
import { jsonError, kmsAnswer } from './kms/answer.ts';
import { readKmsCall, readS3Call, serviceOf } from './read-call.ts';
import { s3Answer } from './s3/answer.ts';
import { xmlError } from './s3/xml.ts';
import type { CallRecord, DoubleState } from './state.ts';

/** Serves one request. */
export async function serve(world: DoubleState, exchange: Exchange): Promise<void> {
  const { request } = exchange;
  if (request.url?.startsWith('/_double/')) return control(world, exchange);
  const kms = serviceOf(request) === 'kms';
  let call: ServiceCall;
  let body: Buffer | null = null;
  try {
    // The operation of a KMS call is known only with its body, which is small.
    body = kms ? await readBody(exchange) : null;
    call = body === null ? readS3Call(request) : readKmsCall(request, body);
  } catch (error) {
    return send(exchange, errorReply(request, error), null);
  }
  const trouble = takeFault(world.faults, call);
  const record = note(world, call, trouble);
  if (trouble !== null && (await troubled(exchange, call, trouble, record))) return;
  let reply: Reply;
  try {
    body ??= await readBody(exchange);
    reply = kms ? kmsAnswer(world, call) : s3Answer(world, call, body);
    record.effect = true;
  } catch (error) {
    if (isServiceError(error)) record.code = error.code;
    reply = errorReply(request, error);
  }
  if (trouble?.kind === 'hang-up') return hangUp(exchange);
  if (trouble?.kind === 'black-hole') return;
  record.status = reply.status;
  await send(exchange, reply, trouble);
}

/** Applies a fault before the operation; true if the operation must not run. */
async function troubled(
  exchange: Exchange,
  call: ServiceCall,
  trouble: FaultEffect,
  record: CallRecord,
): Promise<boolean> {
  if (trouble.kind === 'delay') await sleep(trouble.ms);
  if (trouble.kind === 'hang-up' && trouble.when !== 'after') {
    if (trouble.when === 'middle' && call.service === 's3') await readHalf(exchange);
    hangUp(exchange);
    return true;
  }
  if (trouble.kind === 'black-hole' && trouble.when === 'before') {
    exchange.request.resume();
    return true;
  }
  const error = errorOf(call, trouble);
  if (error === null) return false;
  if (call.service === 's3') await drain(exchange);
  const reply = errorReply(exchange.request, error);
  record.status = trouble.kind === 'error-in-200' ? 200 : reply.status;
  record.code = error.code;
  await send(exchange, { ...reply, status: record.status }, null);
  return true;
}

function errorOf({ service }: ServiceCall, trouble: FaultEffect) {
  const s3 = service === 's3';
  if (trouble.kind === 'throttle') {
    return s3
      ? serviceError(503, 'SlowDown', 'Please reduce your request rate.')
      : serviceError(400, 'ThrottlingException', 'Rate exceeded');
  }
  if (trouble.kind === 'internal') {
    return s3
      ? serviceError(500, 'InternalError', 'We encountered an internal error. Please try again.')
      : serviceError(500, 'KMSInternalException', 'An internal error occurred.');
  }
  if (trouble.kind === 'error') return serviceError(trouble.status, trouble.code, 'as it was told');
  if (trouble.kind === 'error-in-200') return serviceError(200, trouble.code, 'We encountered an internal error.');
  return null;
}

/** An error in the words of the called service; an error of the double itself is a 500. */
function errorReply(request: IncomingMessage, error: unknown): Reply {
  const known = isServiceError(error) ? error : serviceError(500, 'InternalFailure', String(error));
  if (serviceOf(request) === 'kms') return jsonError(known.status, known.code, known.message);
  return xmlError(known.status, known.code, known.message);
}

function note(world: DoubleState, call: ServiceCall, trouble: FaultEffect | null): CallRecord {
  const { operation, caller, region, bucket, key, query, headers } = call;
  const match = headers['if-match'];
  const record: CallRecord = {
    n: world.calls.length,
    ...{ operation, caller, region, bucket, key },
    part: partOf(call),
    version: query.get('versionId'),
    range: headers.range ?? null,
    ifMatch: match ?? null,
    keyId: keyIdOf(call),
    context: contextOf(call),
    fault: trouble?.kind ?? null,
    status: null,
    code: null,
    effect: false,
  };
  world.calls.push(record);
  return record;
}
