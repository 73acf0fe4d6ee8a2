// Sample calls of the demo, and the request that uploads each: one PUT with metadata in Vault-Meta-* headers.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { thisPackage } from '../../src/cli/support/this-package.ts';

const FIELDS = {
  from: 'Vault-Meta-From',
  to: 'Vault-Meta-To',
  agent: 'Vault-Meta-Agent',
  queue: 'Vault-Meta-Queue',
  ticket: 'Vault-Meta-Ticket',
  direction: 'Vault-Meta-Direction',
  started_at: 'Vault-Meta-Started-At',
  language: 'Vault-Meta-Language',
  file_name: 'Vault-Meta-File-Name',
} as const;

type SampleEntry = Readonly<Record<keyof typeof FIELDS, string>> & {
  readonly file: string;
  /** The same call in another format, uploaded instead of `file`. */
  readonly sent?: string;
  readonly transcript: string;
  readonly tenant: 'harbour' | 'yunhai';
  readonly source: string;
  readonly call_id: string;
};

/** Sample call with the bytes of its audio and transcript. */
export type SampleCall = SampleEntry & {
  /** Media type of `audio`. */
  readonly type: string;
  readonly audio: Buffer<ArrayBuffer>;
  readonly words: Buffer<ArrayBuffer>;
};

/** Folder of the samples in the repository. */
const SAMPLES = join(thisPackage().folder, 'scripts/samples');

const BETWEEN_MS = 7 * 60_000;

/** Reads all sample calls. */
export async function readSampleCalls(): Promise<SampleCall[]> {
  const listed = JSON.parse((await read('calls.json')).toString()) as SampleEntry[];
  return Promise.all(
    listed.map(async (call, n) => ({
      ...call,
      // Started just now, because lists show the calls since yesterday.
      started_at: new Date(Date.now() - (n + 1) * BETWEEN_MS).toISOString(),
      type: typeOf(call.sent ?? call.file),
      audio: await read(call.sent ?? call.file),
      words: await read(call.transcript),
    })),
  );
}

function typeOf(file: string): string {
  return file.endsWith('.mp3') ? 'audio/mpeg' : file.endsWith('.ogg') ? 'audio/ogg' : 'audio/wav';
}

async function read(name: string): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(await readFile(join(SAMPLES, name)));
}

/** Path of the upload. */
export function ingestPath(call: SampleCall): string {
  return `/v1/ingest/${encodeURIComponent(call.source)}/${encodeURIComponent(call.call_id)}`;
}

/** Headers of the upload. Values are percent-encoded, because HTTP headers cannot contain Chinese. */
export function ingestHeaders(call: SampleCall): Record<string, string> {
  const named = Object.entries(FIELDS).map(([field, header]) => [
    header,
    encodeURIComponent(call[field as keyof typeof FIELDS]),
  ]);
  return { 'content-type': call.type, ...Object.fromEntries(named) };
}
