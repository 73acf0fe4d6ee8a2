// The file that keeps the ingest key over restarts and outages. It contains public keys only.
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type KeptKeys, keptJson, readOfferedKey } from './ingest-key.ts';
import { nodeFiles } from './node-files.ts';

const NONE: KeptKeys = { current: null, candidate: null };

/** Keys in the file; none where it is missing or unreadable. */
export async function readKeptKeys(file: string): Promise<KeptKeys> {
  try {
    const { current, candidate } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    return { current: readOfferedKey(current), candidate: readOfferedKey(candidate) };
  } catch {
    return NONE;
  }
}

/** Replaces the file in one step. */
export async function writeKeptKeys(file: string, { current, candidate }: KeptKeys): Promise<void> {
  const next = `${file}.${randomUUID().slice(0, 8)}`;
  const json = (key: KeptKeys['current']): object | null => (key === null ? null : keptJson(key));
  const text = `${JSON.stringify({ current: json(current), candidate: json(candidate) })}\n`;
  try {
    await nodeFiles.create(next, onePiece(text));
    await nodeFiles.rename(next, file);
  } catch (error) {
    await nodeFiles.remove(next);
    throw error;
  }
  await nodeFiles.syncFolder(dirname(file));
}

async function* onePiece(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
