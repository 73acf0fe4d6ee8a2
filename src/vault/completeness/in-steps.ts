// Calls of a span read some at a time: each time in a separate snapshot, so that other requests go between.
import type { Rows } from '../../ports/database.ts';
import type { CallSpan } from '../../ports/rows/completeness-rows.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

/** Calls of a step: milliseconds on either engine. Those with the same start are read together. */
const STEP = 500;

/** Reads the parts of a span in the order of their starts until `read` returns `'enough'`. */
export async function inSteps(
  { db }: Pick<Vault, 'db'>,
  span: CallSpan,
  read: (rows: Rows, part: CallSpan) => Promise<'enough' | 'more'>,
  request: RequestContext,
): Promise<void> {
  for (let from: string | null = span.from; from !== null; ) {
    const rest: CallSpan = { ...span, from };
    from = await db.read(async (rows) => {
      const to = await rows.completeness.boundary(rest, STEP);
      const wanted = await read(rows, to === null ? rest : { ...rest, to });
      return wanted === 'enough' ? null : to;
    }, request);
  }
}
