// What replies look like, for the document of the API; tests hold every reply they see against these.
import { z } from '@hono/zod-openapi';
import { standingSchema } from './schemas-access.ts';

const time = z.iso.datetime();
const text = z.string();
const state = text.openapi({ description: 'lower case' });

/** A reply with a JSON body of this schema. */
export function replying(description: string, schema: z.ZodType) {
  return { description, content: { 'application/json': { schema } } };
}

/** A page of a list. */
export function listOf(item: z.ZodType): z.ZodType {
  return z.strictObject({ data: z.array(item), next_cursor: text.nullable() });
}

export const problemSchema = z
  .strictObject({
    type: text,
    title: text,
    status: z.int(),
    detail: text.optional(),
    code: text.openapi({ description: 'one of a closed set; what programs look at' }),
    request_id: z.uuid(),
    retryable: z.boolean(),
    errors: z.array(z.strictObject({ pointer: text, detail: text })).optional(),
    checks: z.array(z.looseObject({ check: text, ok: z.boolean().nullable() })).optional(),
  })
  .openapi('Problem', { description: 'RFC 9457' });

export const describedSchema = z.strictObject({ recording: text }).openapi('Described');

export const depositedSchema = z
  .strictObject({
    recording: text,
    deposit: text,
    object: text,
    size: z.int().openapi({ description: 'bytes' }),
    sha256: text.openapi({ description: 'hex, of the bytes received' }),
  })
  .openapi('Deposited');

export const recordingSchema = z
  .strictObject({
    id: text,
    state,
    quarantine: z.array(text),
    started_at: time,
    duration_ms: z.int().nullable(),
    direction: text.nullable(),
    channels: z.int().nullable(),
    language: text.nullable(),
    sensitivity: text,
    from: text.nullable().openapi({ description: 'null for who signed in: see from_masked' }),
    to: text.nullable(),
    from_masked: text.nullable().openapi({ description: 'like 138****5678' }),
    to_masked: text.nullable(),
    agent: text.nullable(),
    queue: text.nullable(),
    ticket: text.nullable(),
    source: text.nullable(),
    call_id: text.nullable(),
    leg: text.nullable(),
    file_name: text.nullable(),
    basis: z
      .strictObject({
        kind: text,
        at: time.optional(),
        language: text.optional(),
        evidence: text.optional(),
        defaulted: z.boolean().optional(),
      })
      .nullable(),
    objects: z.array(z.strictObject({ name: text, deposit: text, verified_at: time.nullable() })),
    access: standingSchema,
  })
  .openapi('Recording');

export const sessionSchema = z
  .strictObject({ id: text, recording: text, grant: text, opened: time, ends: time, media: text })
  .openapi('Session');

export const endedSchema = z.strictObject({ id: text, state }).openapi('Ended');

export const eventSchema = z
  .strictObject({
    log: text,
    index: z.int(),
    leaf: text.openapi({ description: 'the exact bytes, base64' }),
    hash: text.openapi({ description: 'SHA-256 of a zero byte and the leaf, base64' }),
  })
  .openapi('Event');

export const challengedSchema = z
  .strictObject({
    challenge_id: z.uuid(),
    options: z.looseObject({ challenge: text }).openapi({ description: 'WebAuthn level 3, as JSON' }),
  })
  .openapi('Challenged');

export const signedOutSchema = z.strictObject({ ended: z.int() }).openapi('SignedOut');

export const signInSchema = z
  .strictObject({ id: text, method: text, created: time, last_seen: time, ends: time, current: z.boolean() })
  .openapi('SignIn');

export const steppedUpSchema = z.strictObject({ auth_time: time, step_up_until: time }).openapi('SteppedUp');

export const passkeySchema = z
  .strictObject({ id: text, label: text, created: time, last_used: time.nullable() })
  .openapi('Passkey');

export const meSchema = z
  .strictObject({
    principal: z.strictObject({ id: text, kind: text, name: text, roles: z.array(text) }),
    tenant: z.strictObject({ id: text, name: text, time_zone: text, log: text }),
    sign_in: z.strictObject({ id: text, method: text, created: time, idle_ends: time, ends: time }).nullable(),
    auth_time: time.nullable(),
    step_up_until: time.nullable().openapi({ description: 'until when a step-up counts before approving' }),
    passkeys: z.array(passkeySchema),
    actions: z.array(text),
    now: time,
  })
  .openapi('Me');
