// What a blob can be called, relative to its tenant's place: the same in a folder and in a bucket.

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Whether a text is a blob's name: segments of letters, digits, `.`, `_` and `-`, none empty or beginning with a dot. */
export function isBlobName(text: string): boolean {
  return NAME.test(text);
}

/** Whether blobs can have names that begin so: the segments before the last `/` are a name's. */
export function isBlobNamePrefix(text: string): boolean {
  const folder = text.slice(0, text.lastIndexOf('/') + 1);
  return folder === '' || isBlobName(folder.slice(0, -1));
}
