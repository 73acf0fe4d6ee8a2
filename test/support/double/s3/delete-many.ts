// DeleteObjects: up to a thousand names or versions in one call, each allowed or denied separately.
import { type Reply, type ServiceCall, serviceError } from '../call.ts';
import { denial, denialReason } from '../iam/policy.ts';
import type { DoubleState } from '../state.ts';
import { bucketOf } from './bucket.ts';
import { deleteVersion } from './objects.ts';
import { s3Arn } from './operations.ts';
import { payloadOf } from './payload.ts';
import { element, inside, requestXml, text, textIn, xmlReply } from './xml.ts';

export function deleteObjects(world: DoubleState, call: ServiceCall, body: Buffer): Reply {
  const bucket = bucketOf(world, call);
  const { bytes, checksum } = payloadOf(call, body);
  if (checksum === null && call.headers['content-md5'] === undefined) {
    throw serviceError(
      400,
      'InvalidRequest',
      'Missing required header for this request: Content-MD5 OR x-amz-checksum-*',
    );
  }
  const xml = requestXml(bytes, 'Delete');
  const quiet = textIn(xml, 'Quiet') === 'true';
  const named = inside(xml, 'Object').map((object) => ({
    key: textIn(object, 'Key') ?? '',
    versionId: textIn(object, 'VersionId'),
  }));
  if (named.length === 0 || named.length > 1000) throw serviceError(400, 'MalformedXML', 'one to a thousand names');
  const results = named.map(({ key, versionId }) => {
    const action = versionId === null ? 's3:DeleteObject' : 's3:DeleteObjectVersion';
    const need = { action, resource: s3Arn(call.region, call.bucket, key), keys: {} };
    const why = denialReason(world, call, need);
    const names = [text('Key', key), versionId === null ? '' : text('VersionId', versionId)];
    if (why !== null) {
      const { message } = denial(call, need, why);
      return element('Error', ...names, text('Code', 'AccessDenied'), text('Message', message));
    }
    const { version, marker } = deleteVersion(bucket, key, versionId);
    if (quiet) return '';
    const deleted = marker ? [text('DeleteMarker', true), text('DeleteMarkerVersionId', version ?? 'null')] : [];
    return element('Deleted', ...names, ...deleted);
  });
  return xmlReply('DeleteResult', ...results);
}
