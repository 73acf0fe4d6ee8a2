// A call to the double, its reply, and the errors of a service.
import type { IncomingHttpHeaders } from 'node:http';

/** The head of a call: enough to choose a fault and to count the call. */
export type ServiceCall = {
  readonly service: 's3' | 'kms';
  /** As the service's API names it: `UploadPart`, `Decrypt`. */
  readonly operation: string;
  /** The access key id of the signer. */
  readonly caller: string;
  readonly region: string;
  readonly bucket: string;
  readonly key: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** KMS: the parsed body. S3: empty. */
  readonly input: Readonly<Record<string, unknown>>;
};

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
};

/** An error in a service's words. */
export type ServiceError = Error & { readonly status: number; readonly code: string };

/** An error to throw as a service's reply. */
export function serviceError(status: number, code: string, message: string): ServiceError {
  return Object.assign(new Error(message), { status, code });
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'status' in error && 'code' in error;
}

/** The account of everything in the double. */
export const ACCOUNT = '111122223333';

/** The partition of a Region: the first word of every ARN there. */
export function partitionOf(region: string): string {
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('cn-') ? 'aws-cn' : 'aws';
}
