// What an uploader may know of the calls it deposits: which legs are stored, with sizes and digests; no facts of the call.
import type { SecretKey } from '../../envelope/secret-key.ts';
import { VaultError } from '../../errors.ts';
import type { Caller } from '../../model/principal.ts';
import { isUnowned, type Recording } from '../../model/recording.ts';
import type { Rows } from '../../ports/database.ts';
import { countEvent } from '../core/events/count-events.ts';
import { actorOf } from '../core/events/events.ts';
import { areIndexesComplete } from '../core/facts/complete-indexes.ts';
import { textIndex } from '../core/facts/indexes.ts';
import { membersOf, openRawFacts, type RawFacts } from '../core/facts/raw-facts.ts';
import type { RequestContext } from '../core/request-context.ts';
import { activeTenantAndKey } from '../core/tenants/active-tenant.ts';
import type { Vault } from '../core/vault.ts';
import type { CallKey } from './amend-call.ts';
import { naturalIndex } from './describe.ts';

/** One leg of a call: its objects that are stored. `sha256` is hex, of the bytes that were received. */
export type OwnLeg = {
  readonly recording: string;
  readonly leg: string;
  readonly state: Recording['state'];
  readonly objects: readonly {
    readonly name: string;
    readonly deposit: string;
    readonly size: number;
    readonly sha256: string | null;
    readonly verifiedAt: string | null;
  }[];
};

/** How many legs an answer has at most, and how many recordings of the same call id are looked at: others' are among them. */
const MAX_LEGS = 50;
const MAX_LOOKED = 500;

/** Not `complete`: legs may be missing whose recordings have no index of their call id yet. */
export type OwnCall = { readonly legs: readonly OwnLeg[]; readonly complete: boolean };

/**
 * The caller's legs of a call: one, or all where `leg` is null. Erased ones have no leg any more and are found by their
 * leg only. Throws `not_found` where there is none: also where another service has deposited it.
 */
export async function readOwnCall(
  vault: Pick<Vault, 'db' | 'clock' | 'metadataKeys'>,
  by: Caller,
  { source, callId, leg }: Omit<CallKey, 'leg'> & { readonly leg: string | null },
  request: RequestContext,
): Promise<OwnCall> {
  const { metadataKey } = await activeTenantAndKey(vault, by.tenant, request);
  const what = { tenant: by.tenant, actor: actorOf(by), object: { id: by.tenant } } as const;
  await countEvent(vault, { ...what, action: 'catalogue.read' }, request);
  const { legs, complete } = await vault.db.read(async (rows) => {
    const found = await findLegs(rows, metadataKey, by.tenant, { source, callId, leg });
    const own = found.filter((one) => isUnowned(one) || one.depositor === by.principal);
    const opened = own.map((recording) => ({ recording, facts: factsIn(metadataKey, recording) }));
    const wanted = opened.filter(({ facts }) => facts === null || isOf(facts, source, callId));
    const shown = wanted.slice(0, MAX_LEGS);
    return {
      legs: await Promise.all(shown.map(({ recording, facts }) => legOf(rows, recording, facts, leg))),
      complete: leg !== null || (await areIndexesComplete(rows, by.tenant, ['call_id'])),
    };
  }, request);
  if (legs.length === 0) throw new VaultError('not_found', 'there is no such call of yours');
  return { legs: [...legs].sort((one, other) => (one.leg < other.leg ? -1 : 1)), complete };
}

async function findLegs(
  { recordings }: Rows,
  metadataKey: SecretKey,
  tenant: string,
  { source, callId, leg }: Omit<CallKey, 'leg'> & { readonly leg: string | null },
): Promise<readonly Recording[]> {
  if (leg !== null) {
    const one = await recordings.byNatural(tenant, naturalIndex(metadataKey, { source, callId, leg }));
    return one === null ? [] : [one];
  }
  const indexes = [textIndex(metadataKey, 'call_id', callId)];
  const ids = (await recordings.page(tenant, { indexes }, null, MAX_LOOKED)).map(({ id }) => id);
  // Calls of an older version may have no index of the call id yet: one without legs is found by its natural key.
  const whole = await recordings.byNatural(tenant, naturalIndex(metadataKey, { source, callId, leg: '0' }));
  const found = await recordings.findMany(tenant, ids);
  return whole === null || ids.includes(whole.id) ? found : [...found, whole];
}

function factsIn(metadataKey: SecretKey, recording: Recording): RawFacts | null {
  return recording.facts === null ? null : openRawFacts(metadataKey, recording, recording.facts);
}

/** The index finds other spellings of the call id, and other sources. */
function isOf(facts: RawFacts, source: string, callId: string): boolean {
  return facts['source'] === source && facts['call_id'] === callId;
}

async function legOf(
  { deposits }: Rows,
  { tenant, id, state }: Recording,
  facts: RawFacts | null,
  asked: string | null,
): Promise<OwnLeg> {
  const leg = facts?.['leg'];
  const digests = membersOf(facts?.['sha256']);
  const available = facts === null ? [] : await deposits.available(tenant, id);
  const objects = await Promise.all(
    available.map(async ({ id: deposit, object: name, verifiedAt }) => {
      const row = await deposits.object(tenant, deposit, name);
      const digest = digests[name];
      return { name, deposit, size: row?.size ?? 0, sha256: typeof digest === 'string' ? digest : null, verifiedAt };
    }),
  );
  return { recording: id, leg: typeof leg === 'string' ? leg : (asked ?? '0'), state, objects };
}
