// The exposure of recordings: what a principal, an API key, a key encryption key or a host could open in a period.
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

/** The findings from log and rows, by kind of target. */
export type ExposureDetail =
  | ({ readonly kind: 'person' | 'api-key' } & PrincipalExposure)
  | ({ readonly kind: 'node' } & NodeExposure)
  | ({ readonly kind: 'key' } & KeyExposure);

/** An exposure. `period` is the queried period, cut to the lifetime of an API key. */
export type Exposure = {
  readonly tenant: string;
  readonly id: string;
  readonly period: Period;
  readonly log: LogCoverage;
  readonly detail: ExposureDetail;
  readonly recordings: readonly ExposedRecording[];
  readonly totals: Totals;
};

/**
 * Totals. Calls are recordings that were or could have been opened; those of which only metadata was read are separate.
 */
export type Totals = {
  readonly calls: number;
  /** Of these calls, those with only an unused grant. */
  readonly unused: number;
  readonly readAbout: number;
  readonly erased: number;
  /** The total duration of the calls, as far as it is known. */
  readonly callSeconds: number;
  readonly sessions: number;
  readonly open: number;
  readonly sessionSeconds: number;
  readonly bytes: number;
  /** Different telephone numbers in all of the recordings. */
  readonly subjects: number;
};

/**
 * Reads the exposure of a target. The query is an event of the tenant's log before it is answered. Uses no key and
 * reads no content. Throws `not_found`, `malformed`, and the database's errors.
 */
export async function readExposure(
  vault: Deps,
  by: Actor,
  query: ExposureQuery,
  request: RequestContext,
): Promise<Exposure> {
  const { tenant, kind, id } = query;
  const { period, principal } = await findExposureTarget(vault, query, request);
  const object = { type: kind, id, since: period.since, until: period.until };
  await writeEvent(vault, event(tenant, by, 'exposure.read', object, request), request);
  const { detail, log } = await readExposureDetail(vault, query, period, principal, request);
  const recordings = await readExposedRecordings(vault, tenant, detail.affected, request);
  const sessions = 'sessions' in detail ? detail.sessions : [];
  return { tenant, id, period, log, detail, recordings, totals: totalsOf(recordings, sessions) };
}

async function readExposureDetail(
  vault: Deps,
  { tenant, kind, id }: ExposureQuery,
  period: Period,
  principal: string,
  request: RequestContext,
): Promise<{ readonly detail: ExposureDetail; readonly log: LogCoverage }> {
  switch (kind) {
    case 'person':
    case 'api-key': {
      const reading = principalExposureCollector(period, principal, kind === 'person' ? null : id);
      const log = await readLogPeriod(vault, tenant, period, reading.add, request);
      return { detail: { kind, ...reading.result() }, log };
    }
    case 'node': {
      const reading = nodeExposureCollector(period, id);
      const log = await readLogPeriod(vault, tenant, period, reading.add, request);
      return { detail: { kind, ...reading.result() }, log };
    }
    case 'key': {
      const { log, ...detail } = await readKeyExposure(vault, tenant, id, period, request);
      return { detail: { kind, ...detail }, log };
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
