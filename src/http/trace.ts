// W3C Trace Context, in and out: a caller's trace goes on through our log lines and our reply.
import { newRequestId } from '../bytes/ids.ts';

/** The trace a request belongs to, and the `traceparent` of the reply. */
export type Trace = { readonly id: string; readonly reply: string };

const TRACEPARENT = /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?$/;

/** The trace of a `traceparent`, or null where there is none or it is not of its form; such a one is ignored. */
export function parseTraceparent(header: string | undefined): Trace | null {
  const [, version, id, flags, more] = TRACEPARENT.exec(header ?? '') ?? [];
  if (id === undefined || flags === undefined || (version === '00' && more !== undefined)) return null;
  // Our own span: 64 bits of a fresh random id.
  const span = newRequestId().replaceAll('-', '').slice(-16);
  return { id, reply: `00-${id}-${span}-0${Number.parseInt(flags, 16) & 1}` };
}
