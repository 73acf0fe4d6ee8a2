// Lists of a bucket: its names, and all their versions.
import { type Reply, type ServiceCall, serviceError } from '../call.ts';
import type { DoubleState } from '../state.ts';
import { bucketOf, currentOf } from './bucket.ts';
import { element, text, xmlReply } from './xml.ts';

/** Names in the order of their UTF-8 bytes, as S3 lists them. */
function sorted(names: Iterable<string>): string[] {
  return [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

/** Encodes names if `encoding-type=url` asks for it. */
export function namesOf({ query }: ServiceCall): (name: string) => string {
  return query.get('encoding-type') === 'url'
    ? (name) => encodeURIComponent(name).replaceAll('%2F', '/')
    : (name) => name;
}

/** The number of entries on a page. */
export function pageOf({ query }: ServiceCall, parameter: string): number {
  const maxEntries = Number(query.get(parameter) ?? 1000);
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 0)
    throw serviceError(400, 'InvalidArgument', `${parameter} is no number`);
  return Math.min(maxEntries, 1000);
}

/** Whether a name comes after the marker; true without a marker. */
export function isAfter(name: string, marker: string | null): boolean {
  return marker === null || Buffer.compare(Buffer.from(name), Buffer.from(marker)) > 0;
}

export function listObjects(world: DoubleState, call: ServiceCall): Reply {
  const bucket = bucketOf(world, call);
  const { query } = call;
  const prefix = query.get('prefix') ?? '';
  const token = query.get('continuation-token');
  const marker = token === null ? query.get('start-after') : Buffer.from(token, 'base64url').toString();
  const show = namesOf(call);
  const existing = [...bucket.objects].flatMap(([key]) => {
    const current = currentOf(bucket, key);
    return current !== undefined && key.startsWith(prefix) && isAfter(key, marker) ? [{ key, ...current }] : [];
  });
  const all = existing.sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const page = all.slice(0, pageOf(call, 'max-keys'));
  const entries = page.map(({ key, at, stored }) =>
    element(
      'Contents',
      text('Key', show(key)),
      text('LastModified', at.toISOString()),
      text('ETag', stored.etag),
      text('Size', stored.bytes.length),
      text('StorageClass', 'STANDARD'),
    ),
  );
  const more = page.length < all.length;
  const last = page.at(-1);
  return xmlReply(
    'ListBucketResult',
    text('Name', bucket.name),
    text('Prefix', show(prefix)),
    text('KeyCount', page.length),
    text('MaxKeys', query.get('max-keys') ?? 1000),
    query.has('encoding-type') ? text('EncodingType', 'url') : '',
    text('IsTruncated', more),
    more && last !== undefined ? text('NextContinuationToken', Buffer.from(last.key).toString('base64url')) : '',
    ...entries,
  );
}

export function listVersions(world: DoubleState, call: ServiceCall): Reply {
  const bucket = bucketOf(world, call);
  const { query } = call;
  const prefix = query.get('prefix') ?? '';
  const [keyMarker, versionMarker] = [query.get('key-marker'), query.get('version-id-marker')];
  const show = namesOf(call);
  const keys = sorted([...bucket.objects.keys()].filter((key) => key.startsWith(prefix)));
  const all = keys.flatMap((key) => {
    const versions = bucket.objects.get(key) ?? [];
    return versions.map((version, n) => ({ key, version, latest: n === 0, n }));
  });
  const reached = all.findIndex(({ key, version }) => key === keyMarker && version.id === versionMarker);
  const left = reached < 0 ? all.filter(({ key }) => isAfter(key, keyMarker)) : all.slice(reached + 1);
  const page = left.slice(0, pageOf(call, 'max-keys'));
  const entries = page.map(({ key, version: { id, at, stored }, latest }) => {
    const common = [
      text('Key', show(key)),
      text('VersionId', id),
      text('IsLatest', latest),
      text('LastModified', at.toISOString()),
    ];
    if (stored === null) return element('DeleteMarker', ...common);
    return element('Version', ...common, text('ETag', stored.etag), text('Size', stored.bytes.length));
  });
  const last = page.length < left.length ? page.at(-1) : undefined;
  return xmlReply(
    'ListVersionsResult',
    text('Name', bucket.name),
    text('Prefix', show(prefix)),
    query.has('encoding-type') ? text('EncodingType', 'url') : '',
    text('IsTruncated', last !== undefined),
    ...(last === undefined
      ? []
      : [text('NextKeyMarker', show(last.key)), text('NextVersionIdMarker', last.version.id)]),
    ...entries,
  );
}
