// Opening a random sample of recordings, wholly: whether rows, envelopes, keys and blobs of a brought-up database fit.
import { randomInt } from 'node:crypto';
import { idBetween, newIdAt } from '../../bytes/ids.ts';
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import { type Deposit, isErased } from '../../model/recording.ts';
import type { Tenant } from '../../model/tenant.ts';
import { inParallel } from '../core/concurrency.ts';
import { countKeyUse, serialized } from '../core/events/count-events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { checkByOpening } from '../verify/check-deposit.ts';
import { readSnapshots } from '../verify/deposit-snapshot.ts';
import type { Steps } from './steps.ts';

type Deps = Parameters<typeof checkByOpening>[0] & Pick<Vault, 'settings'>;

const PAGE = 500;
const AT_ONCE = 8;
/** Random times tried for each recording that is wanted: some hit the same one, or a transcript. */
const TRIES = 4;

/** By tenant, how many recordings opened wholly, and how many data keys were unwrapped. */
export type OpenedSample = ReadonlyMap<string, { readonly opened: number; readonly unwraps: number }>;

/**
 * Opens every chunk of at most `most` recordings, of all tenants in turn. One that does not open is a problem, unless the
 * live database has erased it meanwhile. Throws the signal's reason.
 */
export async function openSample(
  vault: Deps,
  live: Pick<Vault, 'db'>,
  by: Actor,
  { tenants, most }: { readonly tenants: readonly Tenant[]; readonly most: number },
  steps: Steps,
  request: RequestContext,
): Promise<OpenedSample> {
  const picked = new Map<string, Deposit[]>();
  for (const tenant of tenants) picked.set(tenant.tenant, await pick(vault, tenant, most, request));
  const share = inTurn(picked, most);
  const opened = new Map<string, { readonly opened: number; readonly unwraps: number }>();
  for (const tenant of tenants) {
    const { tenant: id } = tenant;
    const counts = { opened: 0, unwraps: 0 };
    opened.set(id, counts);
    const use = serialized(() => countKeyUse(vault, id, by, 'verify', request));
    const counted = (): Promise<void> => {
      counts.unwraps++;
      return use();
    };
    await steps.run('opening', id, () =>
      inParallel(share.get(id) ?? [], AT_ONCE, async (deposit) => {
        request.signal.throwIfAborted();
        const [snapshot] = await vault.db.read((rows) => readSnapshots(rows, [deposit]), request);
        if (snapshot === undefined) return;
        const findings = await checkByOpening(vault, { tenant, counted }, snapshot, request);
        if (findings.length === 0) {
          counts.opened++;
          return;
        }
        const { recording } = deposit;
        const row = await live.db.read((rows) => rows.recordings.find(id, recording), request);
        if (row !== null && isErased(row)) return;
        const kinds = [...new Set(findings.map(({ kind }) => kind))].join(', ');
        steps.problem('opening', id, new VaultError('integrity', `${recording} does not open: ${kinds}`));
      }),
    );
  }
  return opened;
}

/** Random deposits of audio, each of another recording. Of many, those after random times. */
async function pick(
  { db }: Pick<Vault, 'db'>,
  { tenant, created }: Tenant,
  most: number,
  request: RequestContext,
): Promise<Deposit[]> {
  const page = await db.read((rows) => rows.deposits.availableAfter(tenant, '', PAGE), request);
  if (page.length < PAGE) return shuffled(page.filter(isAudio)).slice(0, most);
  const now = Date.parse(await db.read((rows) => rows.now(), request));
  const found = new Map<string, Deposit>();
  for (let tries = 0; tries < most * TRIES && found.size < most; tries++) {
    const from = idBetween(newIdAt('dep', Date.parse(created)), newIdAt('dep', now));
    const after = await db.read((rows) => rows.deposits.availableAfter(tenant, from, TRIES), request);
    const audio = after.find(isAudio);
    if (audio !== undefined) found.set(audio.recording, audio);
  }
  return [...found.values()];
}

function isAudio({ object }: Deposit): boolean {
  return object === 'audio';
}

function shuffled<T>(things: readonly T[]): T[] {
  const all = [...things];
  for (let last = all.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [all[last], all[other]] = [all[other] as T, all[last] as T];
  }
  return all;
}

/** At most `most` of all lists: one of each in turn. */
function inTurn(lists: ReadonlyMap<string, readonly Deposit[]>, most: number): ReadonlyMap<string, readonly Deposit[]> {
  const share = new Map<string, number>();
  let left = most;
  for (let round = 0; left > 0; round++) {
    const longer = [...lists].filter(([, list]) => list.length > round).slice(0, left);
    if (longer.length === 0) break;
    for (const [id] of longer) share.set(id, round + 1);
    left -= longer.length;
  }
  return new Map([...lists].map(([id, list]) => [id, list.slice(0, share.get(id) ?? 0)]));
}
