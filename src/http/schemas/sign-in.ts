// Schemas of sign-in: challenges, sign-in sessions, passkeys, and the caller.
import { z } from '@hono/zod-openapi';
import { heldSchema, text, time } from './shapes.ts';

export const challengeSchema = z
  .strictObject({
    challenge_id: text,
    options: z.looseObject({ challenge: text }).openapi({ description: 'WebAuthn level 3, as JSON' }),
  })
  .openapi('Challenged');

export const passkeyProofSchema = z
  .strictObject({
    passkey: text.openapi({ description: 'the id that the new passkey gets: send it with the proof' }),
    challenge_id: text,
    options: z.looseObject({ challenge: text }).openapi({ description: 'WebAuthn level 3, as JSON' }),
  })
  .openapi('PasskeyProofOptions');

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
    tenant: z.strictObject({
      id: text,
      name: text,
      time_zone: text,
      log: text,
      held: heldSchema.nullable(),
      searchable: z.array(text).openapi({ description: 'fields that the caller can search recordings by' }),
    }),
    sign_in: z.strictObject({ id: text, method: text, created: time, idle_ends: time, ends: time }).nullable(),
    auth_time: time.nullable(),
    step_up_until: time.nullable().openapi({ description: 'expiry of the step-up' }),
    link_decides_until: time
      .nullable()
      .openapi({ description: 'until when a person named with the tenant, without a passkey, decides by their link' }),
    passkeys: z.array(passkeySchema),
    actions: z.array(text),
    now: time,
  })
  .openapi('Me');
