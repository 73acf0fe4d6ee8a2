// The sample calls of the demo, and how each is sent: one request, its metadata in Vault-Meta-* headers.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

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
  /** The same call in another format, which is uploaded in place of `file`. */
  readonly sent?: string;
  readonly transcript: string;
  readonly tenant: 'harbour' | 'yunhai';
  readonly source: string;
  readonly call_id: string;
};

/** A sample call with the bytes of its audio and transcript. */
export type SampleCall = SampleEntry & {
  /** The media type of `audio`. */
  readonly type: string;
  readonly audio: Buffer<ArrayBuffer>;
  readonly words: Buffer<ArrayBuffer>;
};

/** The samples lie in the repository, whether this runs from there or from `dist`. */
const SAMPLES = new URL(isBuilt() ? '../../../scripts/samples/' : '../samples/', import.meta.url);

const BETWEEN_MS = 7 * 60_000;

/** Whether this is what `npm run build` made. */
export function isBuilt(): boolean {
  return import.meta.url.endsWith('.js');
}

/** Reads all sample calls. */
export async function readSampleCalls(): Promise<SampleCall[]> {
  const listed = JSON.parse((await read('calls.json')).toString()) as SampleEntry[];
  return Promise.all(
    listed.map(async (call, n) => ({
      ...call,
      // As if they had just been made: lists begin with yesterday.
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
  return Buffer.from(await readFile(fileURLToPath(new URL(name, SAMPLES))));
}

/** Where a call is sent. */
export function ingestPath(call: SampleCall): string {
  return `/v1/ingest/${encodeURIComponent(call.source)}/${encodeURIComponent(call.call_id)}`;
}

/** The headers it is sent with. Values are percent-encoded: HTTP headers carry no Chinese. */
export function ingestHeaders(call: SampleCall): Record<string, string> {
  const named = Object.entries(FIELDS).map(([field, header]) => [
    header,
    encodeURIComponent(call[field as keyof typeof FIELDS]),
  ]);
  return { 'content-type': call.type, ...Object.fromEntries(named) };
}
