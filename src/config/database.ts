// A database as the configuration and a command name one.
import { z } from 'zod';

/** Connections of a process to PostgreSQL, unless the configuration says otherwise. */
export const CONNECTIONS = 10;

/** What CALLVAULT_DATABASE may be. */
export const database = z.string().transform((text, context) => {
  if (/^sqlite:./.test(text)) return { engine: 'sqlite', path: text.slice('sqlite:'.length) } as const;
  if (/^postgres(ql)?:\/\//.test(text) && URL.canParse(text)) return { engine: 'postgres', url: text } as const;
  context.addIssue({ code: 'custom', message: 'must be sqlite:PATH or postgres://USER@HOST/DATABASE' });
  return z.NEVER;
});

type NamedDatabase =
  | { readonly engine: 'sqlite'; readonly path: string }
  | { readonly engine: 'postgres'; readonly url: string; readonly connections: number };

/**
 * A database as CALLVAULT_DATABASE names one; a path alone is a SQLite file. Null for any other text.
 */
export function readDatabase(text: string): NamedDatabase | null {
  const read = database.safeParse(/^(sqlite:|postgres(ql)?:)/.test(text) ? text : `sqlite:${text}`);
  if (!read.success) return null;
  return read.data.engine === 'sqlite' ? read.data : { ...read.data, connections: CONNECTIONS };
}
