// Rejects query parameters that a route does not know, as schemas reject unknown members of a body.
import type { z } from '@hono/zod-openapi';
import type { Context, Next } from 'hono';
import { VaultError } from '../errors.ts';
import type { Env } from './context.ts';

const MAX_NAME_LENGTH = 64;

/**
 * Middleware that accepts only the parameters of `schema`. Throws `malformed`, with names and no values. `headers`: where
 * the request has the same metadata in headers, their names.
 */
export function rejectUnknownQuery(schema: z.ZodType | undefined, headers: readonly string[] = []) {
  const known = schema !== undefined && 'shape' in schema ? Object.keys(schema.shape as object) : [];
  const takes = known.length === 0 ? 'the route has no parameters' : `the route has ${known.join(', ')}`;
  return async (c: Context<Env>, next: Next): Promise<void> => {
    const unknown = Object.keys(c.req.queries()).filter((name) => !known.includes(name));
    if (unknown.length > 0) {
      const fields = unknown.map((name) => ({
        pointer: `/${name.slice(0, MAX_NAME_LENGTH)}`,
        detail: `is unknown; ${useHeader(name, headers) ?? takes}`,
      }));
      throw new VaultError('malformed', 'the query has an unknown parameter', { fields });
    }
    await next();
  };
}

function useHeader(name: string, headers: readonly string[]): string | null {
  const header = headers.find((one) => one.toLowerCase() === `vault-meta-${name.toLowerCase().replaceAll('_', '-')}`);
  return header === undefined ? null : `use the header ${header}`;
}
