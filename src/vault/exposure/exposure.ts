// Exposure: what a principal, an API key, a key encryption key or a host could have opened since a time, and whom to tell.
import type { Actor } from '../../model/audit-event.ts';
import { type NodeExposure, nodeExposureCollector } from '../../model/exposed-node.ts';
import { type PrincipalExposure, principalExposureCollector } from '../../model/exposed-principal.ts';
import type { ExposedSession } from '../../model/exposed-sessions.ts';
import type { Period } from '../../model/exposure.ts';
import { event, writeEvent } from '../core/events/events.ts';
import type { RequestContext } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type KeyExposure, readKeyExposure } from './key.ts';
import { type LogCoverage, readLogPeriod } from './read-log.ts';
import { type ExposedRecording, readExposedRecordings } from './recordings.ts';
import { type ExposureQuery, findExposureTarget } from './target.ts';

type Deps = Pick<Vault, 'db' | 'clock'>;

/** What the log and the rows tell, by kind of target. */
export type ExposureDetail =
  | ({ readonly kind: 'person' | 'api-key' } & PrincipalExposure)
  | ({ readonly kind: 'node' } & NodeExposure)
  | ({ readonly kind: 'key' } & KeyExposure);

/** An exposure. `period` is what was asked, cut to the life of an API key. */
export type Exposure = {
  readonly tenant: string;
  readonly id: string;
  readonly period: Period;
  readonly log: LogCoverage;
  readonly detail: ExposureDetail;
  readonly recordings: readonly ExposedRecording[];
  readonly totals: Totals;
};

/** Sums. Calls are recordings that were or could have been opened: those only read about are counted apart. */
export type Totals = {
  readonly calls: number;
  /** Of these, those with nothing but an unused grant. */
  readonly unused: number;
  readonly readAbout: number;
  readonly erased: number;
  /** How long the calls last, as far as their rows tell. */
  readonly callSeconds: number;
  readonly sessions: number;
  readonly open: number;
  readonly sessionSeconds: number;
  readonly bytes: number;
  /** Different telephone numbers among all of the recordings. */
  readonly subjects: number;
};

/**
 * Tells it. The question is an event of the tenant's log before it is answered. No key is used and no content read.
 * Throws `not_found`, `malformed`, and the database's errors.
 */
export async function readExposure(
  vault: Deps,
  by: Actor,
  asked: ExposureQuery,
  request: RequestContext,
): Promise<Exposure> {
  const { tenant, kind, id } = asked;
  const { period, principal } = await findExposureTarget(vault, asked, request);
  const object = { type: kind, id, since: period.since, until: period.until };
  await writeEvent(vault, event(tenant, by, 'exposure.read', object, request), request);
  const { told, log } = await readExposureDetail(vault, asked, period, principal, request);
  const recordings = await readExposedRecordings(vault, tenant, told.affected, request);
  const sessions = 'sessions' in told ? told.sessions : [];
  return { tenant, id, period, log, detail: told, recordings, totals: totalsOf(recordings, sessions) };
}

async function readExposureDetail(
  vault: Deps,
  { tenant, kind, id }: ExposureQuery,
  period: Period,
  principal: string,
  request: RequestContext,
): Promise<{ readonly told: ExposureDetail; readonly log: LogCoverage }> {
  switch (kind) {
    case 'person':
    case 'api-key': {
      const reading = principalExposureCollector(period, principal, kind === 'person' ? null : id);
      const log = await readLogPeriod(vault, tenant, period, reading.add, request);
      return { told: { kind, ...reading.result() }, log };
    }
    case 'node': {
      const reading = nodeExposureCollector(period, id);
      const log = await readLogPeriod(vault, tenant, period, reading.add, request);
      return { told: { kind, ...reading.result() }, log };
    }
    case 'key': {
      const { log, ...told } = await readKeyExposure(vault, tenant, id, period, request);
      return { told: { kind, ...told }, log };
    }
  }
}

function totalsOf(recordings: readonly ExposedRecording[], sessions: readonly ExposedSession[]): Totals {
  const calls = recordings.filter(({ ways }) => ways.some((way) => way !== 'metadata'));
  const subjects = new Set<string>();
  for (const one of recordings) for (const subject of one.subjects) subjects.add(subject);
  return {
    calls: calls.length,
    unused: calls.filter(({ ways }) => ways.every((way) => way === 'grant' || way === 'metadata')).length,
    readAbout: recordings.filter(({ ways }) => ways.includes('metadata')).length,
    erased: recordings.filter(({ state }) => state === 'erased').length,
    callSeconds: sum(calls.map(({ callSeconds }) => callSeconds)),
    sessions: sessions.length,
    open: sessions.filter(({ open }) => open).length,
    sessionSeconds: sum(sessions.map(({ seconds }) => seconds)),
    bytes: sum(sessions.map(({ bytes }) => bytes)),
    subjects: subjects.size,
  };
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}
