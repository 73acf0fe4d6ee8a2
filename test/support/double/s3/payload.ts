// The bytes of an S3 request, without aws-chunked framing, and with every checksum verified.
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type ServiceCall, serviceError } from '../call.ts';

/** An additional checksum: `sha256`, `sha1` or `crc32`, and its base64. */
export type Checksum = { readonly algorithm: string; readonly value: string };

/** `checksum` is the caller's, from header or trailer. */
export type Payload = { readonly bytes: Buffer; readonly checksum: Checksum | null };

/** The checksum of these bytes, in base64. */
export function checksumOf(algorithm: string, bytes: Uint8Array): string {
  if (algorithm === 'sha256' || algorithm === 'sha1') return createHash(algorithm).update(bytes).digest('base64');
  if (algorithm !== 'crc32') throw serviceError(501, 'NotImplemented', `no checksum ${algorithm} here`);
  const value = Buffer.alloc(4);
  value.writeUInt32BE(crc32(bytes));
  return value.toString('base64');
}

/** The payload of a body. Throws S3's errors for bytes that differ from what was announced. */
export function payloadOf({ headers }: ServiceCall, body: Buffer): Payload {
  const declared = headers['x-amz-content-sha256'];
  const signed = typeof declared === 'string' ? declared : 'UNSIGNED-PAYLOAD';
  const framed = signed.startsWith('STREAMING-') || (headers['content-encoding'] ?? '').includes('aws-chunked');
  const { bytes, trailers } = framed ? unframe(body) : { bytes: body, trailers: {} };
  const decoded = headers['x-amz-decoded-content-length'];
  if (decoded !== undefined && Number(decoded) !== bytes.length) {
    throw serviceError(400, 'IncompleteBody', 'You did not provide the number of bytes specified');
  }
  if (/^[0-9a-f]{64}$/.test(signed) && createHash('sha256').update(bytes).digest('hex') !== signed) {
    const message = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    throw serviceError(400, 'XAmzContentSHA256Mismatch', message);
  }
  const md5 = headers['content-md5'];
  if (typeof md5 === 'string' && createHash('md5').update(bytes).digest('base64') !== md5) {
    throw serviceError(400, 'BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  return { bytes, checksum: checkedSum({ ...headers, ...trailers }, bytes) };
}

function checkedSum(headers: Readonly<Record<string, unknown>>, bytes: Buffer): Checksum | null {
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = /^x-amz-checksum-(sha\d+|crc\w+|xxhash\w+|md5)$/.exec(name)?.[1];
    if (algorithm === undefined || typeof value !== 'string') continue;
    if (checksumOf(algorithm, bytes) !== value) {
      const message = `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`;
      throw serviceError(400, 'BadDigest', message);
    }
    return { algorithm, value };
  }
  return null;
}

/** Takes apart `size;chunk-signature=…\r\n bytes \r\n … 0\r\n trailers`. */
function unframe(body: Buffer): { bytes: Buffer; trailers: Record<string, string> } {
  const incomplete = () => serviceError(400, 'IncompleteBody', 'The request body terminated unexpectedly');
  const pieces: Buffer[] = [];
  let at = 0;
  const line = (): string => {
    const end = body.indexOf('\r\n', at);
    if (end < 0) throw incomplete();
    const text = body.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  for (;;) {
    const size = Number.parseInt(line(), 16);
    if (!Number.isSafeInteger(size) || at + size > body.length) throw incomplete();
    if (size === 0) break;
    pieces.push(body.subarray(at, at + size));
    at += size + 2;
  }
  const trailers: Record<string, string> = {};
  while (at < body.length) {
    const [name = '', value] = line().split(/:(.*)/);
    if (value !== undefined) trailers[name.toLowerCase().trim()] = value.trim();
  }
  return { bytes: Buffer.concat(pieces), trailers };
}
