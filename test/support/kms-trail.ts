// KMS behind a wire that writes each request into a log file, in the form of AWS CloudTrail.
import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { forward, type KmsRequest, kmsWire } from './kms-wire.ts';

/** The role that the records name, and the address of the wire. */
export type KmsTrail = {
  readonly endpoint: string;
  /** Writes a file with the records so far, and further ones. */
  readonly write: (path: string, more?: readonly object[]) => void;
  readonly close: () => Promise<void>;
};

export const TRAIL_ROLE = 'arn:aws:iam::123456789012:role/callvault';

/** Starts the wire before the server at `url`. `now` is the time of the records. */
export async function kmsTrail(url: string, now: () => number): Promise<KmsTrail> {
  const records: object[] = [];
  const wire = await kmsWire(async (asked) => {
    const at = now();
    const reply = await forward(url, asked);
    records.push(recordOf(asked, at, reply));
    return reply;
  });
  return {
    endpoint: wire.endpoint,
    write: (path, more = []) => writeFileSync(path, gzipSync(JSON.stringify({ Records: [...records, ...more] }))),
    close: wire.close,
  };
}

/** A record as CloudTrail writes it: times in whole seconds, no key material. */
export function recordOf(
  { operation, body, region }: Pick<KmsRequest, 'operation' | 'body' | 'region'>,
  at: number,
  { status, body: reply }: { readonly status: number; readonly body: string } = { status: 200, body: '{}' },
  role = TRAIL_ROLE,
): object {
  const { Plaintext: _key, CiphertextBlob: _wrapped, ...asked } = body;
  const said = Object.entries(asked).map(([name, value]) => [`${name[0]?.toLowerCase()}${name.slice(1)}`, value]);
  const failed = status === 200 ? {} : { errorCode: String(JSON.parse(reply).__type).split('#').at(-1) };
  return {
    eventVersion: '1.11',
    userIdentity: {
      type: 'AssumedRole',
      arn: role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/').concat('/i-0123456789abcdef0'),
      sessionContext: { sessionIssuer: { type: 'Role', arn: role } },
    },
    eventTime: new Date(at).toISOString().replace(/\.\d+Z/, 'Z'),
    eventSource: 'kms.amazonaws.com',
    eventName: operation,
    awsRegion: region,
    requestParameters: Object.fromEntries(said),
    responseElements: null,
    ...failed,
    eventID: randomUUID(),
  };
}
