// Exposure: what a principal, an API key, a key encryption key or a host could have opened since a time, and whom to tell.
import type { Actor } from '../../model/audit-event.ts';
import { type NodeExposure, readNode } from '../../model/exposed-node.ts';
import { type PrincipalExposure, readPrincipal } from '../../model/exposed-principal.ts';
import type { ExposedSession } from '../../model/exposed-sessions.ts';
import type { Period } from '../../model/exposure.ts';
import { event, writeEvent } from '../core/events/events.ts';
import type { Request } from '../core/request-context.ts';
import type { Vault } from '../core/vault.ts';
import { type KeyExposure, readKey } from './key.ts';
import { type PartRead, readLog } from './read-log.ts';
import { type ExposedRecording, recordingsOf } from './recordings.ts';
import { type Asked, findTarget } from './target.ts';

type Parts = Pick<Vault, 'db' | 'clock'>;

/** What the log and the rows tell, by kind of target. */
export type Told =
  | ({ readonly kind: 'person' | 'api-key' } & PrincipalExposure)
  | ({ readonly kind: 'node' } & NodeExposure)
  | ({ readonly kind: 'key' } & KeyExposure);

/** An exposure. `period` is what was asked, cut to the life of an API key. */
export type Exposure = {
  readonly tenant: string;
  readonly id: string;
  readonly period: Period;
  readonly log: PartRead;
  readonly told: Told;
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
export async function exposure(vault: Parts, by: Actor, asked: Asked, request: Request): Promise<Exposure> {
  const { tenant, kind, id } = asked;
  const { period, principal } = await findTarget(vault, asked, request);
  const object = { type: kind, id, since: period.since, until: period.until };
  await writeEvent(vault, event(tenant, by, 'exposure.read', object, request), request);
  const { told, log } = await tell(vault, asked, period, principal, request);
  const recordings = await recordingsOf(vault, tenant, told.affected, request);
  const sessions = 'sessions' in told ? told.sessions : [];
  return { tenant, id, period, log, told, recordings, totals: totalsOf(recordings, sessions) };
}

async function tell(
  vault: Parts,
  { tenant, kind, id }: Asked,
  period: Period,
  principal: string,
  request: Request,
): Promise<{ readonly told: Told; readonly log: PartRead }> {
  switch (kind) {
    case 'person':
    case 'api-key': {
      const reading = readPrincipal(period, principal, kind === 'person' ? null : id);
      const log = await readLog(vault, tenant, period, reading.take, request);
      return { told: { kind, ...reading.told() }, log };
    }
    case 'node': {
      const reading = readNode(period, id);
      const log = await readLog(vault, tenant, period, reading.take, request);
      return { told: { kind, ...reading.told() }, log };
    }
    case 'key': {
      const { log, ...told } = await readKey(vault, tenant, id, period, request);
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
