// Who listened to a recording, when, what for and how much, from the tenant's log: roles, no names.
import { readLeaf } from '../../model/log/leaf.ts';
import { LISTENER_ROLES, type Policy, ruleOf } from '../../model/policy.ts';
import type { Heard } from '../../model/subject/request.ts';
import type { Rows } from '../../ports/database.ts';

/** Events of one read. */
const PAGE = 200;

/**
 * The reader of a tenant's listening sessions: of a recording, each one in which anything was served, oldest first. A
 * transcript that was read is such a session too, without a length. `role` is the listener's that fits the purpose by the
 * policy; null where they have none today. A session that is still open has no length.
 */
export function heardOf(
  { log, principals }: Pick<Rows, 'log' | 'principals'>,
  tenant: string,
  policy: Policy | null,
): (recording: string) => Promise<Heard[]> {
  const roles = new Map<string, readonly string[]>();
  const rolesOf = async (person: string): Promise<readonly string[]> => {
    const known = roles.get(person) ?? (await principals.find(tenant, person))?.roles ?? [];
    roles.set(person, known);
    return known;
  };
  return async (recording) => {
    const heard: Heard[] = [];
    /** What was served, by session: newest events come first, so that an end is known before its beginning. */
    const ends = new Map<string, { readonly ranges: number; readonly heardMs: number | null }>();
    for (let below: number | null = null; ; ) {
      const page = await log.eventsOf(tenant, recording, below, PAGE);
      for (const { leaf: bytes } of page) {
        const leaf = readLeaf(bytes);
        if (leaf?.outcome !== 'ok' || leaf.object['recording'] !== recording) continue;
        const { id, ranges, heard_ms: ms, purpose } = leaf.object;
        if (leaf.action === 'session.ended')
          ends.set(id, { ranges: Number(ranges), heardMs: typeof ms === 'number' ? ms : null });
        if (leaf.action !== 'session.opened') continue;
        const end = ends.get(id);
        if (end?.ranges === 0) continue;
        const role = roleFor(policy, String(purpose), await rolesOf(leaf.actor.id));
        heard.push({ at: leaf.ts, purpose: String(purpose), role, heard_ms: end?.heardMs ?? null });
      }
      if (page.length < PAGE) return heard.reverse();
      below = page.at(-1)?.seq ?? null;
    }
  };
}

/** Of a person's roles, the one that listens for the purpose; without a rule for it, the first that listens at all. */
function roleFor(policy: Policy | null, purpose: string, roles: readonly string[]): string | null {
  const listening: readonly string[] = LISTENER_ROLES;
  const fitting: readonly string[] = (policy === null ? undefined : ruleOf(policy, purpose)?.roles) ?? [];
  const own = roles.filter((role) => listening.includes(role));
  return own.find((role) => fitting.includes(role)) ?? own[0] ?? null;
}
