// The availability of the tenants' keys, as the key service last reported it: asked at most every half minute.
import { hasCode } from '../../../errors.ts';
import type { KeyReference } from '../../../model/tenant.ts';
import type { KeyState } from '../../../ports/key-service.ts';
import type { RequestContext } from '../../core/request-context.ts';
import type { Vault } from '../../core/vault.ts';

/** `usable`; `refused` until a person acts; or `away`: no answer, no permission to ask, or a state that passes. */
export type KeyAvailability = {
  readonly state: 'usable' | 'refused' | 'away';
  readonly why: KeyState | 'denied' | 'no-answer';
};

const MAX_AGE_MS = 30_000;
/** How long a page waits for the key service. */
const PATIENCE_MS = 3_000;
const PASSING: readonly KeyState[] = ['creating', 'updating', 'unavailable'];

/** Returns a key's availability, cached. Never throws the key service's errors. */
export function keyAvailabilityCache(
  vault: Pick<Vault, 'keys' | 'clock'>,
): (key: KeyReference, request: RequestContext) => Promise<KeyAvailability> {
  const known = new Map<string, { readonly at: number; readonly availability: Promise<KeyAvailability> }>();
  const ask = async (key: KeyReference): Promise<KeyAvailability> => {
    try {
      // Not the caller's signal: other callers share the answer.
      const why = await vault.keys.describe(key, { signal: vault.clock.deadline(PATIENCE_MS) });
      if (why === 'enabled') return { state: 'usable', why };
      return { state: PASSING.includes(why) ? 'away' : 'refused', why };
    } catch (error) {
      return { state: 'away', why: hasCode(error, 'key_refused') ? 'denied' : 'no-answer' };
    }
  };
  return (key, request) => {
    request.signal.throwIfAborted();
    const name = `${key.scheme} ${key.id}`;
    const found = known.get(name);
    if (found !== undefined && vault.clock.now() - found.at < MAX_AGE_MS) return found.availability;
    const availability = ask(key);
    known.set(name, { at: vault.clock.now(), availability });
    return availability;
  };
}
