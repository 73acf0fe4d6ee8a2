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
    trained_until: text
      .nullable()
      .openapi({ description: 'the last day on which the training counts; null where none is recorded' }),
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

const stateShape = z.strictObject({
  state: z.enum(['active', 'off']),
  roles: z.array(text),
  trained_until: text.nullable(),
});

export const peopleImportSchema = z
  .strictObject({
    lines: z.array(
      z.strictObject({
        line: z.int().openapi({ description: 'of the file, from 1' }),
        id: text.nullable(),
        name: text,
        does: z.enum(['add', 'change', 'nothing']).nullable().openapi({ description: 'null for a line with a fault' }),
        from: stateShape.nullable(),
        to: stateShape.nullable(),
        faults: z.array(z.strictObject({ member: z.enum(['id', 'name', 'roles', 'trained_until']), code: text })),
      }),
    ),
    people: z
      .array(z.looseObject({}))
      .openapi({ description: '`people` of the change to propose; empty where a line has a fault' }),
  })
  .openapi('PeopleImport');

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
