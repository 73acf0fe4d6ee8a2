// Why a recording cannot be erased yet: until when it must be kept, and who said so.
import { isId } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import { type Leaf, readLeaf } from '../../model/log/leaf.ts';
import type { Recording } from '../../model/recording.ts';
import { FOR_EVER } from '../../model/retention/period.ts';
import type { Rows } from '../../ports/database.ts';

/** Events read at a time. */
const PAGE = 200;

/** The error `retained`: who set the time, by role and id, what holds, and what can be done. */
export async function retainedUntil(
  rows: Pick<Rows, 'log'>,
  { tenant, id }: Recording,
  until: string,
): Promise<VaultError> {
  const setter = await setterOf(rows, tenant, id);
  const by = setter === null ? '' : ` Its retain_until was set on ${setter.ts} by ${roleOf(setter.actor.id)}.`;
  return new VaultError(
    'retained',
    `this recording must be kept until ${until}.${by} The time can only be moved later: erase the recording after it`,
  );
}

/** The error `retained` of a minimum that the retention rules say. */
export function retainedByRules({ id, ruled }: Recording, until: string): VaultError {
  const when = until >= FOR_EVER ? 'until an event is reported' : `until ${until}`;
  return new VaultError(
    'retained',
    `the retention rules (${ruled ?? 'an earlier version'}) keep recording ${id} ${when}: erase it after that`,
  );
}

/**
 * The event that last set `retain_until`. The log says it without the tenant's key; facts that came with the recording's
 * first record are named by no event, so that one counts where no later one did. Null after a rebuild, which began a new log.
 */
async function setterOf(rows: Pick<Rows, 'log'>, tenant: string, id: string): Promise<Leaf | null> {
  let first: Leaf | null = null;
  let below: number | null = null;
  for (;;) {
    const events = await rows.log.eventsOf(tenant, id, below, PAGE);
    for (const { leaf: bytes } of events) {
      const leaf = readLeaf(bytes);
      if (leaf?.action === 'recording.amended' && namesIn(leaf).includes('retain_until')) return leaf;
      if (leaf?.action === 'recording.created') first = leaf;
    }
    below = events.at(-1)?.seq ?? null;
    if (events.length < PAGE) return first;
  }
}

function namesIn({ object }: Leaf): readonly string[] {
  return String(object['set'] ?? '').split(',');
}

/** Only these two can set it. */
function roleOf(id: string): string {
  return isId(id, 'usr') ? `a privacy officer (${id})` : `a service that uploads calls (${id})`;
}
