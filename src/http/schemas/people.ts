// Schemas of people, services and API keys.
import { z } from '@hono/zod-openapi';
import { state, text, time } from './shapes.ts';

export const personSchema = z
  .strictObject({
    id: text,
    kind: z.enum(['person', 'service']),
    name: text.nullable().openapi({ description: 'null while the tenant is suspended or its key is unavailable' }),
    roles: z.array(text),
    state,
    created: time,
    owners: z.array(text).openapi({ description: 'ids of the people responsible for a service' }),
    passkeys: z
      .int()
      .nullable()
      .openapi({ description: 'null, like all following members, for callers who may not sign people out' }),
    sign_ins: z.int().nullable(),
    last_seen: time.nullable(),
    link_until: time.nullable(),
  })
  .openapi('Person');

export const apiKeySchema = z
  .strictObject({
    id: text,
    principal: text,
    principal_name: text.nullable(),
    scopes: z.array(text),
    state: z.enum(['active', 'expired', 'revoked']),
    created: time,
    expires: time,
  })
  .openapi('ApiKey');
