// Listening sessions and their columns.
import type { Session } from '../../model/access.ts';
import type { ServedRange } from '../../model/served-ranges.ts';
import type { Mapping } from './mapping.ts';

export type SessionColumns = Omit<Session, 'heard'> & { readonly heard: string | null };

export const sessions: Mapping<Session, SessionColumns> = {
  toNoun: (columns) => ({
    tenant: columns.tenant,
    id: columns.id,
    grant: columns.grant,
    recording: columns.recording,
    principal: columns.principal,
    state: columns.state,
    version: columns.version,
    opened: columns.opened,
    ends: columns.ends,
    ended: columns.ended,
    reason: columns.reason,
    ranges: columns.ranges,
    bytes: columns.bytes,
    heard: columns.heard === null ? null : stretchesIn(columns.heard),
    playedMinutes: columns.playedMinutes,
    unwraps: columns.unwraps,
    signIn: columns.signIn,
    mac: columns.mac,
  }),
  toColumns: (session) => ({
    tenant: session.tenant,
    id: session.id,
    grant: session.grant,
    recording: session.recording,
    principal: session.principal,
    state: session.state,
    version: session.version,
    opened: session.opened,
    ends: session.ends,
    ended: session.ended,
    reason: session.reason,
    ranges: session.ranges,
    bytes: session.bytes,
    heard: session.heard === undefined || session.heard === null ? session.heard : stretchesColumn(session.heard),
    playedMinutes: session.playedMinutes,
    unwraps: session.unwraps,
    signIn: session.signIn,
    mac: session.mac,
  }),
};

/** The stretches in a column, in order. Plain, since each piece of a call reads them. */
export function stretchesIn(column: string): ServedRange[] {
  const stretches: ServedRange[] = [];
  if (column === '') return stretches;
  for (const each of column.split(',')) {
    const dash = each.indexOf('-');
    stretches.push([Number(each.slice(0, dash)), Number(each.slice(dash + 1))]);
  }
  return stretches;
}

/** Stretches as their column holds them. */
export function stretchesColumn(stretches: readonly ServedRange[]): string {
  return stretches.map(([start, end]) => `${start}-${end}`).join(',');
}
