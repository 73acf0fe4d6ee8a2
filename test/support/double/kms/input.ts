// Members of a KMS request, checked for their type.
import { serviceError } from '../call.ts';
import type { EncryptionContext } from './ciphertext.ts';

export type Input = Readonly<Record<string, unknown>>;

export function invalid(message: string): Error {
  return serviceError(400, 'ValidationException', message);
}

/** Required bytes. */
export function bytesIn(input: Input, member: string, most: number): Buffer {
  const value = input[member];
  if (typeof value !== 'string') throw invalid(`Value null at '${member}' failed to satisfy constraint`);
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length < 1 || bytes.length > most) throw invalid(`Value at '${member}' must have length 1 to ${most}`);
  return bytes;
}

export function contextIn(input: Input, member: string): EncryptionContext {
  const value = input[member] ?? {};
  if (typeof value !== 'object' || Object.values(value).some((one) => typeof one !== 'string')) {
    throw serviceError(400, 'SerializationException', `${member} is no map of strings`);
  }
  return value as EncryptionContext;
}

export function textIn(input: Input, member: string): string | null {
  const value = input[member];
  return typeof value === 'string' ? value : null;
}

export function numberIn(input: Input, member: string): number | null {
  const value = input[member];
  return typeof value === 'number' ? value : null;
}

export function tagsIn(input: Input): Map<string, string> {
  const tags = (input['Tags'] ?? []) as readonly { readonly TagKey: string; readonly TagValue: string }[];
  for (const { TagKey, TagValue } of tags) {
    if (typeof TagKey !== 'string' || typeof TagValue !== 'string' || TagKey.startsWith('aws:')) {
      throw serviceError(400, 'TagException', 'The request was rejected because one or more tags are not valid.');
    }
  }
  return new Map(tags.map(({ TagKey, TagValue }) => [TagKey, TagValue]));
}

/** A page of a list, and the members that mark a next page. */
export function pageIn<T>(input: Input, all: readonly T[]) {
  const marker = textIn(input, 'Marker');
  const from = marker === null ? 0 : Number(marker);
  if (!Number.isSafeInteger(from)) throw serviceError(400, 'InvalidMarkerException', 'no such marker');
  const page = all.slice(from, from + (numberIn(input, 'Limit') ?? 100));
  const next = from + page.length;
  const more = next < all.length ? { Truncated: true, NextMarker: String(next) } : { Truncated: false };
  return { page, more };
}
