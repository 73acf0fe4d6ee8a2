// What the relay shows of itself: as JSON for people and monitoring, and as metrics for Prometheus.

import type { RelayConfig } from './config.ts';
import { foldersOf, readingSpool } from './folders.ts';
import { askRelay } from './lock.ts';
import { nodeFiles } from './node-files.ts';
import { openSpool, type SpoolCounts } from './spool.ts';
import { ALARMS, type Alarm, type Counter, type RelayState } from './state.ts';

/** A status. Times are RFC 3339 or null; `ok` is false with any alarm, and where no relay runs. */
export type Status = {
  readonly ok: boolean;
  readonly running: boolean;
  /** Calls that are not sealed yet, with those still in progress; null where no relay runs. */
  readonly waiting: { readonly calls: number; readonly bytes: number } | null;
  readonly sealed: { readonly calls: number; readonly bytes: number; readonly oldest: string | null };
  readonly rejected: { readonly calls: number; readonly bytes: number };
  readonly last_upload: string | null;
  readonly key: string | null;
  readonly since_start: Readonly<Record<Counter, number>> | null;
  readonly alarms: readonly { readonly alarm: string; readonly count: number; readonly meaning: string }[];
};

/** The status of a running relay. */
export function statusOf(state: RelayState, counts: SpoolCounts, key: string | null): Status {
  const alarms = alarmList(state.alarms());
  return {
    ok: alarms.length === 0,
    running: true,
    waiting: state.waiting(),
    ...spoolMembers(counts),
    last_upload: timeOf(state.lastUpload()),
    key,
    since_start: state.counters(),
    alarms,
  };
}

/** The status of the relay that runs on this spool; where none does, what the spool itself shows. */
export async function readStatus({ spool }: Pick<RelayConfig, 'spool'>): Promise<Status> {
  const answer = await askRelay(spool);
  if (answer !== null && answer !== '') return JSON.parse(answer) as Status;
  const read = openSpool(nodeFiles, foldersOf(spool), Date.now);
  await readingSpool(read.refresh());
  const counts = read.counts();
  const stopped = answer === null ? 'no relay runs on this spool' : 'the relay does not answer';
  return {
    ok: false,
    running: false,
    waiting: null,
    ...spoolMembers(counts),
    last_upload: null,
    key: null,
    since_start: null,
    alarms: [
      { alarm: 'not_running', count: 1, meaning: stopped },
      ...alarmList(counts.rejected === 0 ? {} : { rejected: counts.rejected }),
    ],
  };
}

function spoolMembers(counts: SpoolCounts): Pick<Status, 'sealed' | 'rejected'> {
  return {
    sealed: { calls: counts.sealed, bytes: counts.sealedBytes, oldest: timeOf(counts.oldest) },
    rejected: { calls: counts.rejected, bytes: counts.rejectedBytes },
  };
}

function alarmList(alarms: Readonly<Partial<Record<Alarm, number>>>): Status['alarms'] {
  return Object.entries(alarms).map(([alarm, count]) => ({ alarm, count, meaning: ALARMS[alarm as Alarm] }));
}

function timeOf(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

/** Metrics in the text format of Prometheus. `now`: milliseconds since 1970. */
export function metricsOf(state: RelayState, counts: SpoolCounts, now: number): string {
  const { calls, bytes } = state.waiting();
  const gauges: readonly (readonly [name: string, help: string, value: number])[] = [
    ['waiting_calls', 'Calls in the PBX folders.', calls],
    ['waiting_bytes', 'Bytes of calls in the PBX folders.', bytes],
    ['sealed_calls', 'Sealed calls in the spool.', counts.sealed],
    ['sealed_bytes', 'Bytes of sealed calls in the spool.', counts.sealedBytes],
    ['rejected_calls', 'Sealed calls that the vault rejected.', counts.rejected],
    ['oldest_seconds', 'Age of the oldest sealed call.', ageOf(counts.oldest, now)],
    ['last_upload_timestamp_seconds', 'Time of the last upload; 0 since the start.', (state.lastUpload() ?? 0) / 1000],
  ];
  const alarms = state.alarms();
  return [
    ...gauges.flatMap(([name, help, value]) => metric(name, 'gauge', help, [['', value]])),
    ...metric(
      'alarm',
      'gauge',
      'What needs a person: 0, or how often.',
      Object.keys(ALARMS).map((alarm) => [`{alarm="${alarm}"}`, alarms[alarm as Alarm] ?? 0]),
    ),
    ...Object.entries(state.counters()).flatMap(([name, value]) =>
      metric(`${name}_total`, 'counter', 'Since the start.', [['', value]]),
    ),
    '',
  ].join('\n');
}

function ageOf(oldest: number | null, now: number): number {
  return oldest === null ? 0 : Math.max(0, Math.round((now - oldest) / 1000));
}

function metric(
  name: string,
  type: string,
  help: string,
  values: readonly (readonly [labels: string, value: number])[],
): string[] {
  const full = `callvault_relay_${name}`;
  return [
    `# HELP ${full} ${help}`,
    `# TYPE ${full} ${type}`,
    ...values.map(([labels, value]) => `${full}${labels} ${value}`),
  ];
}
