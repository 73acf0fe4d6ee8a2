// Metadata of a call from headers (one-step upload) and from JSON (two-step form), validated by the same rules.
import { z } from '@hono/zod-openapi';
import { type FieldError, VaultError } from '../errors.ts';
import { basisTexts } from '../model/basis-forms.ts';
import { type Metadata, readMetadata } from '../model/facts.ts';

/** Headers with metadata, and their fields. Values are percent-encoded UTF-8. */
const FIELD_OF_HEADER = {
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
  'Vault-Meta-Basis-At': 'basis_at',
  'Vault-Meta-Basis-Language': 'basis_language',
  'Vault-Meta-Basis-Evidence': 'basis_evidence',
  'Vault-Meta-Basis-Notice': 'basis_notice',
  'Vault-Meta-Basis-Channel': 'basis_channel',
  'Vault-Meta-Basis-Offset-Ms': 'basis_offset_ms',
  'Vault-Meta-Basis-Separate': 'basis_separate',
  'Vault-Meta-File-Name': 'file_name',
  'Vault-Meta-Interaction': 'interaction',
  'Vault-Meta-Wrap-Up': 'wrap_up',
} as const;

/** Their names. */
export const META_HEADERS: readonly string[] = Object.keys(FIELD_OF_HEADER);

/** The header of a field of the tenant's: its name follows. */
const FIELD_PREFIX = 'vault-meta-field-';

const FIELDS: ReadonlyMap<string, string> = new Map(
  Object.entries(FIELD_OF_HEADER).map(([name, field]) => [name.toLowerCase(), field]),
);

/**
 * Metadata of a one-step upload, from the request's headers. Throws `metadata_invalid`, naming the headers. It rejects
 * unknown ones too: a client cannot send the same call id again with better metadata.
 */
export function metadataFromHeaders(source: string, callId: string, headers: Headers, now: number): Metadata {
  const given: Record<string, string> = { source, call_id: callId };
  const fields: Record<string, string> = {};
  const faults: FieldError[] = [];
  for (const [name, value] of headers) {
    if (!name.startsWith('vault-meta-')) continue;
    const field = FIELDS.get(name);
    const text = decodeHeader(value);
    if (name.startsWith(FIELD_PREFIX)) {
      if (text === null) faults.push({ pointer: name.slice(0, 64), detail: NOT_ENCODED });
      else fields[name.slice(FIELD_PREFIX.length)] = text;
      continue;
    }
    if (field === undefined) {
      faults.push({
        pointer: name.slice(0, 64),
        detail: `is unknown; there are ${META_HEADERS.join(', ')} and Vault-Meta-Field-<Name>`,
      });
    } else if (text === null) {
      faults.push({ pointer: headerNameOf(field), detail: NOT_ENCODED });
    } else given[field] = text;
  }
  if (faults.length > 0) throw new VaultError('metadata_invalid', 'the metadata is not valid', { fields: faults });
  return readMetadata(given, headerNameOf, now, Object.keys(fields).length === 0 ? {} : { fields });
}

const NOT_ENCODED = 'must be percent-encoded UTF-8';

/** The header of a field, or a JSON pointer for a field in the path. */
function headerNameOf(field: string): string {
  if (field.startsWith('fields')) return `Vault-Meta-Field${field.slice('fields'.length).replace('/', '-')}`;
  return Object.entries(FIELD_OF_HEADER).find(([, of]) => of === field)?.[0] ?? `/${field}`;
}

/** Decodes a header; null where it is not percent-encoded UTF-8: raw bytes beyond ASCII arrive as other letters. */
function decodeHeader(value: string): string | null {
  if (!/^[ -~]*$/.test(value)) return null;
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}

/** The body of the two-step form; `readMetadata` validates the values. */
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
  interaction: z.string().optional(),
  wrap_up: z.string().optional(),
  fields: z.record(z.string(), z.string()).optional(),
  pauses: z.array(z.strictObject({ start_ms: z.int(), end_ms: z.int(), reason: z.string() })).optional(),
  basis: z
    .strictObject({
      kind: z.string(),
      at: z.string().optional(),
      language: z.string().optional(),
      evidence: z.string().optional(),
      notice: z.strictObject({ id: z.string(), version: z.int() }).optional(),
      channel: z.string().optional(),
      offset_ms: z.int().optional(),
      separate: z.boolean().optional(),
    })
    .optional(),
});

/** Metadata of the two-step form. Throws `metadata_invalid` with JSON pointers. */
export function metadataFromBody(body: z.infer<typeof metadataBody>, now: number): Metadata {
  const { basis, fields, pauses, ...plain } = body;
  const flat = {
    ...plain,
    ...(basis === undefined ? {} : basisTexts(basis)),
  };
  const pointer = (field: string) => (field === 'basis' ? '/basis/kind' : `/${field.replace(/^basis_/, 'basis/')}`);
  return readMetadata(flat, pointer, now, { fields, pauses });
}
