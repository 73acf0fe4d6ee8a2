// Blob names relative to a tenant's location, valid in folders and buckets alike.

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/;

/** Whether a text is a blob name: segments of letters, digits, `.`, `_` and `-`, none empty or beginning with a dot. */
export function isBlobName(text: string): boolean {
  return NAME.test(text);
}

/** Whether a text can be the beginning of a blob name. */
export function isBlobNamePrefix(text: string): boolean {
  const folder = text.slice(0, text.lastIndexOf('/') + 1);
  return folder === '' || isBlobName(folder.slice(0, -1));
}
