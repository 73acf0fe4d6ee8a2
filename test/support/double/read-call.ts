// The call of a request: its signer, service, Region and operation.
import type { IncomingMessage } from 'node:http';
import { type ServiceCall, serviceError } from './call.ts';
import { s3Operation } from './s3/operations.ts';

const KMS_TARGET = 'TrentService.';

/** The service of a request: its signature names it; KMS requests also name their target. */
export function serviceOf(request: IncomingMessage): 's3' | 'kms' {
  return String(request.headers['x-amz-target']).startsWith(KMS_TARGET) ? 'kms' : 's3';
}

/** The double does not check signatures (Ceph does): it trusts the claimed access key id. */
function signerOf(request: IncomingMessage, query: URLSearchParams, service: 's3' | 'kms') {
  const header = /Credential=([^,\s]+)/.exec(request.headers.authorization ?? '')?.[1];
  const [caller, , region, signedFor] = (header ?? query.get('X-Amz-Credential') ?? '').split('/');
  if (!caller || region === undefined) {
    if (service === 's3') throw serviceError(403, 'AccessDenied', 'Access Denied');
    throw serviceError(400, 'MissingAuthenticationTokenException', 'Missing Authentication Token');
  }
  if (signedFor !== service) {
    const message = `Credential should be scoped to correct service: '${service}'.`;
    throw service === 's3'
      ? serviceError(400, 'AuthorizationHeaderMalformed', message)
      : serviceError(400, 'InvalidSignatureException', message);
  }
  return { caller, region };
}

/** The call of an S3 request, from its head only. */
export function readS3Call(request: IncomingMessage): ServiceCall {
  const [path = '/', search = ''] = (request.url ?? '/').split(/\?(.*)/s);
  const query = new URLSearchParams(search);
  const [, bucket = '', key = ''] = /^\/([^/]*)\/?(.*)$/s.exec(decodeURIComponent(path)) ?? [];
  const by = signerOf(request, query, 's3');
  const operation = s3Operation(request.method ?? '', bucket, key, query);
  return { service: 's3', operation, ...by, bucket, key, headers: request.headers, query, input: {} };
}

/** The call of a KMS request and its body. */
export function readKmsCall(request: IncomingMessage, body: Buffer): ServiceCall {
  const query = new URLSearchParams();
  const by = signerOf(request, query, 'kms');
  const operation = String(request.headers['x-amz-target']).slice(KMS_TARGET.length);
  const input = readJson(body);
  return { service: 'kms', operation, ...by, bucket: '', key: '', headers: request.headers, query, input };
}

function readJson(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // Reported below, as for JSON that is no object.
  }
  throw serviceError(400, 'SerializationException', 'the body is no JSON object');
}
