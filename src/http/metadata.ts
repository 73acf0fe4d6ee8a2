// Metadata of a call from headers (one-line ingest) and from JSON (two-step form), read by the same rules.
import { z } from '@hono/zod-openapi';
import { VaultError } from '../errors.ts';
import { type Metadata, readMetadata } from '../model/facts.ts';

/** The headers that carry metadata, and the fields they carry. Values are UTF-8, percent-encoded. */
const HEADERS = {
  'Vault-Meta-From': 'from',
  'Vault-Meta-To': 'to',
  'Vault-Meta-Agent': 'agent',
  'Vault-Meta-Queue': 'queue',
  'Vault-Meta-Ticket': 'ticket',
  'Vault-Meta-Leg': 'leg',
  'Vault-Meta-Started-At': 'started_at',
  'Vault-Meta-Direction': 'direction',
  'Vault-Meta-Language': 'language',
  'Vault-Meta-Basis': 'basis',
  'Vault-Meta-File-Name': 'file_name',
} as const;

/** Their names. */
export const META_HEADERS: readonly string[] = Object.keys(HEADERS);

/** Metadata of one-line ingest. Throws `metadata_invalid` naming the headers. */
export function metadataOfHeaders(
  source: string,
  callId: string,
  header: (name: string) => string | undefined,
): Metadata {
  const given: Record<string, string> = { source, call_id: callId };
  for (const [name, field] of Object.entries(HEADERS)) {
    const value = header(name);
    if (value === undefined) continue;
    try {
      given[field] = decodeURIComponent(value);
    } catch {
      const fields = [{ pointer: name, detail: 'is not percent-encoded UTF-8' }];
      throw new VaultError('metadata_invalid', 'the metadata is not valid', { fields });
    }
  }
  const names: Record<string, string> = Object.fromEntries(
    Object.entries(HEADERS).map(([name, field]) => [field, name]),
  );
  return readMetadata(given, (field) => names[field] ?? `/${field}`);
}

/** The two-step form's body. What the fields may hold is `readMetadata`'s matter. */
export const metadataBody = z.strictObject({
  source: z.string(),
  call_id: z.string(),
  leg: z.string().optional(),
  started_at: z.string().optional(),
  direction: z.string().optional(),
  from: z.string().optional(),
  to: z.string().optional(),
  agent: z.string().optional(),
  queue: z.string().optional(),
  ticket: z.string().optional(),
  file_name: z.string().optional(),
  language: z.string().optional(),
  sensitivity: z.string().optional(),
  notes: z.string().optional(),
  basis: z
    .strictObject({
      kind: z.string(),
      at: z.string().optional(),
      language: z.string().optional(),
      evidence: z.string().optional(),
    })
    .optional(),
});

/** Metadata of the two-step form. Throws `metadata_invalid` with JSON pointers. */
export function metadataOfBody(body: z.infer<typeof metadataBody>): Metadata {
  const { basis, ...plain } = body;
  const flat = {
    ...plain,
    ...(basis === undefined
      ? {}
      : { basis: basis.kind, basis_at: basis.at, basis_language: basis.language, basis_evidence: basis.evidence }),
  };
  return readMetadata(flat, (field) => (field === 'basis' ? '/basis/kind' : `/${field.replace(/^basis_/, 'basis/')}`));
}
