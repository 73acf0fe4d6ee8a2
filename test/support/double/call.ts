// A call as the double understands it, what is answered, and how a service refuses.
import type { IncomingHttpHeaders } from 'node:http';

/** What is known of a call before its body: enough to choose a fault and to count it. */
export type ServiceCall = {
  readonly service: 's3' | 'kms';
  /** As the service's API names it: `UploadPart`, `Decrypt`. */
  readonly operation: string;
  /** The access key id of whoever signed. */
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

/** An error as a service words it. */
export type ServiceError = Error & { readonly status: number; readonly code: string };

/** The error to throw where a service refuses. */
export function serviceError(status: number, code: string, message: string): ServiceError {
  return Object.assign(new Error(message), { status, code });
}

export function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'status' in error && 'code' in error;
}

/** The account that everything in the double belongs to. */
export const ACCOUNT = '111122223333';

/** The partition of a Region: the first word of every ARN there. */
export function partitionOf(region: string): string {
  if (region.startsWith('us-gov-')) return 'aws-us-gov';
  return region.startsWith('cn-') ? 'aws-cn' : 'aws';
}
