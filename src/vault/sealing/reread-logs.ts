// Background work: reads each log again once a day, and compares the rows that give access with it.
import { VaultError } from '../../errors.ts';
import { DEPLOYMENT } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { rowCheck } from '../verify/check-log.ts';
import { peopleCheck } from '../verify/check-people.ts';
import type { Finding } from '../verify/finding.ts';
import { rereadLog } from './reread-log.ts';
import { rereadSegments } from './reread-segments.ts';

type Deps = Pick<Vault, 'db' | 'clock' | 'settings' | 'metadataKeys' | 'store' | 'anchor'>;

/** One fault of a log or of a row: a code, and the event's index or the row's id. */
type Fault = { readonly code: string; readonly at: string };

/** What the last readings found, of all logs that this process read. */
export type RereadState = { readonly logs: number; readonly faults: number };

const HOUR_MS = 3_600_000;
const EVERY_MS = 24 * HOUR_MS;
/** A reading that was cut off is tried again after this. */
const AGAIN_MS = HOUR_MS;
const DONE = Promise.resolve();

/**
 * Rounds of one process; each reads the logs that no process has read for a day, one after the other, and returns how many.
 * What is wrong is thrown at the end as `integrity`: the first fault of the first log with one. `observe` gets the state.
 */
export function logRereader(
  vault: Deps,
  observe: (state: RereadState) => void,
): (request: RequestContext) => Promise<number> {
  const faults = new Map<string, number>();
  return async (request) => {
    const heads = await vault.db.read((rows) => rows.seals.heads(), request);
    const failures: unknown[] = [];
    let done = 0;
    for (const { log } of heads) {
      const since = timeBefore(vault, EVERY_MS);
      const begun = timeBefore(vault, EVERY_MS - AGAIN_MS);
      if (!(await vault.db.note((notes) => notes.seals.reread(log, begun, since), request))) continue;
      try {
        const found = await faultsOf(vault, log, request);
        faults.set(log, found.length);
        const [first] = found;
        if (first !== undefined) {
          const text = `the log of ${log} has ${found.length} faults, the first: ${first.code} at ${first.at}`;
          failures.push(new VaultError('integrity', text));
        }
        await vault.db.note((notes) => notes.seals.reread(log, timeBefore(vault, 0), begun), request);
        done++;
      } catch (error) {
        request.signal.throwIfAborted();
        failures.push(error);
      }
      observe({ logs: faults.size, faults: [...faults.values()].reduce((sum, count) => sum + count, 0) });
    }
    if (failures.length > 0) throw failures[0];
    return done;
  };
}

/** One pass over the log finds what is wrong with it and with the rows. */
async function faultsOf(vault: Deps, log: string, request: RequestContext): Promise<Fault[]> {
  const tenant = log === DEPLOYMENT ? null : await vault.db.read((rows) => rows.tenants.find(log), request);
  const ofRows: Fault[] = [];
  const report = async (found: readonly Finding[]): Promise<void> => {
    // The reading says what is wrong with the log itself.
    for (const { kind, index, subject, recording } of found)
      if (kind !== 'log_damaged')
        ofRows.push({ code: kind, at: index === undefined ? (subject ?? recording ?? log) : `event ${index}` });
  };
  const ofTenant = tenant === null ? null : await rowCheck(vault, tenant, report, request);
  const rows = log === DEPLOYMENT ? peopleCheck(vault, report) : ofTenant;
  const { findings } = await rereadLog(
    vault,
    log,
    request,
    (events, size) => rows?.take(events, size, request) ?? DONE,
  );
  await rows?.end(request);
  const faults: Fault[] = [...findings.map(({ code, index }) => ({ code, at: `event ${index}` })), ...ofRows];
  try {
    const segments = await rereadSegments(vault, log, request);
    return [...faults, ...segments.map(({ code, index }) => ({ code, at: `size ${index}` }))];
  } catch (error) {
    // A store that does not answer must not hide what the database shows.
    if (faults.length === 0) throw error;
    return faults;
  }
}

function timeBefore({ clock }: Pick<Vault, 'clock'>, milliseconds: number): string {
  return new Date(clock.now() - milliseconds).toISOString();
}
