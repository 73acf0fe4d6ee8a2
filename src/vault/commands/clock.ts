// What time it is, by an operator's command: logs that a wrong clock put ahead, and a clock after a long gap.
import { VaultError } from '../../errors.ts';
import type { Actor } from '../../model/audit-event.ts';
import type { AheadLog, ClockBody } from '../../model/change/command.ts';
import { addMilliseconds } from '../../model/sign-in.ts';
import { LONGEST_GAP_MS } from '../../model/time/age-trust.ts';
import { FLOOR_AHEAD_MS } from '../../model/time/transaction-time.ts';
import { type CarriedOut, type CarryOutOptions, carryOut } from '../changes/carry-out.ts';
import { type DeploymentOwner, lockDeployment } from '../changes/owner.ts';
import { findAhead, type LogAhead } from '../clock/ahead.ts';
import { type CorrectedLog, correctDeployment, correctTenant, decidedAmong } from '../clock/correct-log.ts';
import { type ErasedSince, erasedSince } from '../clock/erased-since.ts';
import { DEPLOYMENT, event } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'sessionKeys' | 'settings'>;

/** What a correction did: logs that are right again, and those that stay ahead because they are held. */
export type CorrectedClock = { readonly corrected: readonly CorrectedLog[]; readonly held: readonly string[] };

/**
 * Puts the logs right that are ahead of the clock: the deployment's at once, tenants' once two people decided it. A run after
 * one that was killed continues. `erased`: takes each recording that was erased in the wrong time, before the change is
 * opened. Throws `clock_right` where nothing is ahead, and as `carryOut`.
 */
export async function correctClockByCommand(
  vault: Deps,
  by: Actor,
  erased: (recordings: AsyncIterable<ErasedSince>) => Promise<void>,
  how: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<ClockBody, CorrectedClock>> {
  const ahead = await findAhead(vault, request);
  if (ahead.logs.length === 0 && ahead.beat === null)
    throw new VaultError('clock_right', 'no log, and no process, is more than a minute ahead of this machine’s clock');
  const own = await correctDeployment(vault, by, ahead, request);
  const done: CorrectedClock = { corrected: own === null ? [] : [own], held: [] };
  const tenants = ahead.logs.filter(({ log }) => log !== DEPLOYMENT);
  const decided = await decidedAmong(vault, tenants, request);
  const finished = await correctAll(vault, by, decided, done, request);
  const open = tenants.filter((one) => !decided.includes(one));
  const clock = new Date(vault.clock.now()).toISOString();
  if (open.length === 0) return { done: true, body: correction(clock, []), result: finished };
  const counted = await countErased(vault, open, clock, erased, request);
  const outcome = await carryOut<ClockBody, null, DeploymentOwner>(
    vault,
    by,
    {
      tenant: DEPLOYMENT,
      lock: lockDeployment,
      locks: [],
      draft: async ({ tx }, approved) => {
        const body = correction(clock, counted);
        return approved === null ? body : asApproved(approved, body, await tx.now());
      },
      act: async ({ tx }, _body, marks) => {
        const to = await tx.now();
        const decide = ({ log: id, from }: LogAhead) =>
          event(DEPLOYMENT, by, 'clock.corrected', { id, from, to, ...marks }, request);
        return { result: null, events: open.map(decide) };
      },
    },
    how,
    request,
  );
  if (!outcome.done) return outcome;
  return { ...outcome, result: await correctAll(vault, by, open, finished, request) };
}

function correction(clock: string, logs: readonly AheadLog[]): ClockBody {
  return { v: 1, kind: 'clock', how: 'correct', clock, logs };
}

/** The approved body, where the clock did not go back since, and the same logs are ahead by the same events. */
function asApproved(approved: ClockBody, body: ClockBody, now: string): ClockBody {
  if (approved.how !== body.how || addMilliseconds(now, FLOOR_AHEAD_MS) < approved.clock) return body;
  if (body.how === 'confirm' || approved.how === 'confirm') return { ...body, clock: approved.clock };
  const erasedOf = (id: string): number => approved.logs.find(({ log }) => log === id)?.erased ?? 0;
  // Counted since another time.
  return { ...body, clock: approved.clock, logs: body.logs.map((one) => ({ ...one, erased: erasedOf(one.log) })) };
}

async function correctAll(
  vault: Deps,
  by: Actor,
  logs: readonly LogAhead[],
  { corrected, held }: CorrectedClock,
  request: RequestContext,
): Promise<CorrectedClock> {
  const [right, left] = [[...corrected], [...held]];
  for (const one of logs) {
    try {
      right.push(await correctTenant(vault, by, one, request));
    } catch (error) {
      if (!(error instanceof VaultError) || error.code !== 'audit_unavailable') throw error;
      left.push(one.log);
    }
  }
  return { corrected: right, held: left };
}

/** Counts what was erased since `clock`, and passes it on. */
async function countErased(
  vault: Deps,
  logs: readonly LogAhead[],
  clock: string,
  erased: (recordings: AsyncIterable<ErasedSince>) => Promise<void>,
  request: RequestContext,
): Promise<readonly AheadLog[]> {
  const counts = new Map<string, number>();
  const all = async function* (): AsyncGenerator<ErasedSince> {
    for (const { log } of logs)
      for await (const one of erasedSince(vault, log, clock, request)) {
        counts.set(log, (counts.get(log) ?? 0) + 1);
        yield one;
      }
  };
  await erased(all());
  return logs.map(({ log, from }) => ({ log, from, erased: counts.get(log) ?? 0 }));
}

/** What two people confirmed: the node's time, long after the newest beat. */
export type ConfirmedClock = { readonly node: string; readonly newest: string; readonly to: string };

/**
 * Confirms this machine's clock after a gap of more than 72 hours: once two people decided it, the gap ends with a beat of
 * this node. Throws `clock_right` where there is no such gap, `clock_differs` where a beat is ahead, and as `carryOut`.
 */
export async function confirmClockByCommand(
  vault: Deps,
  by: Actor,
  how: CarryOutOptions,
  request: RequestContext,
): Promise<CarriedOut<ClockBody, ConfirmedClock>> {
  const { node } = vault.settings;
  const newest = await vault.db.read(({ clocks }) => clocks.newestBeat(), request);
  const now = vault.clock.now();
  if (newest === null || now - Date.parse(newest) <= LONGEST_GAP_MS)
    throw new VaultError('clock_right', 'a trusted process ran in the last 72 hours: the clock needs no confirmation');
  const clock = new Date(now).toISOString();
  return carryOut<ClockBody, ConfirmedClock, DeploymentOwner>(
    vault,
    by,
    {
      tenant: DEPLOYMENT,
      lock: lockDeployment,
      locks: [],
      draft: async ({ tx }, approved) => {
        const body: ClockBody = { v: 1, kind: 'clock', how: 'confirm', clock, node, newest };
        return approved === null ? body : asApproved(approved, body, await tx.now());
      },
      act: async ({ tx }, _body, marks) => {
        const to = await tx.now();
        await tx.clocks.beat(node, to);
        const made = event(DEPLOYMENT, by, 'clock.confirmed', { id: node, from: newest, to, ...marks }, request);
        return { result: { node, newest, to }, events: [made] };
      },
    },
    how,
    request,
  );
}
