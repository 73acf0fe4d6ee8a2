// The records of AWS CloudTrail in files, as it delivers them to a bucket: JSON, mostly compressed.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { VaultError } from '../../errors.ts';
import { codeOfUnreadable } from '../support/read-text.ts';

const LARGEST = 512 * 1024 * 1024;

/**
 * The records of these files, and of all `.json` and `.json.gz` files in these folders. Digest files of CloudTrail are
 * passed over. Throws `malformed`, which names the file.
 */
export function* cloudTrailRecords(paths: readonly string[]): Generator<unknown> {
  for (const path of paths.flatMap(filesIn)) {
    const records = recordsIn(path);
    if (records !== null) yield* records;
  }
}

function filesIn(path: string): string[] {
  const isFolder = readable(path, () => statSync(path).isDirectory());
  if (!isFolder) return [path];
  const names = readable(path, () => readdirSync(path, { recursive: true, encoding: 'utf8' }));
  return names
    .filter((name) => /\.json(\.gz)?$/.test(name))
    .sort()
    .map((name) => join(path, name));
}

/** The records of a file; null of a digest file. */
function recordsIn(path: string): readonly unknown[] | null {
  const bytes = readable(path, () => readFileSync(path));
  const parsed = parsedOf(path, bytes);
  if (Array.isArray(parsed?.['Records'])) return parsed['Records'];
  if (parsed?.['digestStartTime'] !== undefined) return null;
  throw new VaultError('malformed', `${path} is not a log file of CloudTrail: it has no Records`);
}

function parsedOf(path: string, bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    const isCompressed = bytes[0] === 0x1f && bytes[1] === 0x8b;
    const text = isCompressed ? gunzipSync(bytes, { maxOutputLength: LARGEST }) : bytes;
    const parsed: unknown = JSON.parse(text.toString());
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch (cause) {
    throw new VaultError('malformed', `${path} is not JSON, or is cut`, { cause });
  }
}

function readable<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new VaultError('malformed', `${path} cannot be read (${codeOfUnreadable(cause)})`, { cause });
  }
}
