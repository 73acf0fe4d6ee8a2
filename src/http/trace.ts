// W3C Trace Context: the caller's trace continues in log lines and replies.
import { newRequestId } from '../bytes/ids.ts';

/** The trace of a request, and the `traceparent` of the reply. */
export type Trace = { readonly id: string; readonly reply: string };

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;

/** Parses a `traceparent`; null for a missing or invalid one, which is ignored. */
export function parseTraceparent(header: string | undefined): Trace | null {
  const [, version, id, flags, more] = TRACEPARENT.exec(header ?? '') ?? [];
  if (id === undefined || flags === undefined || (version === '00' && more !== undefined)) return null;
  // The server's span: 64 bits of a new random id.
  const span = newRequestId().replaceAll('-', '').slice(-16);
  return { id, reply: `00-${id}-${span}-0${Number.parseInt(flags, 16) & 1}` };
}
