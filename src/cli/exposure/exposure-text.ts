// Exposure reports for operators: a short table with totals, one JSON object, or lines of CSV.
import type { ExposureWay } from '../../model/exposure.ts';
import type { Exposure } from '../../vault/exposure/exposure.ts';

/** Rows that the table shows; JSON and CSV have all. */
const MAX_ROWS = 40;

const WAY_LABELS: Readonly<Record<ExposureWay, string>> = {
  session: 'heard',
  grant: 'could have',
  metadata: 'read about',
  deposit: 'ingested',
  key: 'key',
  'key-before': 'key before',
};

/** Table, totals and limitations. */
export function tableOf(found: Exposure): string {
  const { detail, tenant, id, period, recordings } = found;
  const head = `callvault exposure · ${detail.kind} ${id} · ${tenant} · ${period.since} to ${period.until}`;
  const rows = recordings.slice(0, MAX_ROWS).map((one) => {
    const sessions = sessionsOf(found).filter(({ recording }) => recording === one.recording);
    const seconds = sessions.reduce((total, session) => total + session.seconds, 0);
    return [
      one.recording,
      one.ways.map((way) => WAY_LABELS[way]).join(', '),
      sessions[0]?.opened ?? '',
      sessions.length === 0 ? '' : `${sessions.length}${sessions.some(({ open }) => open) ? ' open' : ''}`,
      sessions.length === 0 ? '' : `${seconds}`,
      one.callSeconds === null ? '' : `${one.callSeconds}`,
      one.state === 'there' ? `${one.subjects.length}` : one.state,
    ];
  });
  const names = ['RECORDING', 'HOW', 'FIRST OPENED', 'SESSIONS', 'OPEN FOR S', 'CALL S', 'SUBJECTS'];
  const table = rows.length === 0 ? [] : aligned(withoutEmpty([names, ...rows]));
  const more =
    recordings.length > MAX_ROWS ? [`… and ${recordings.length - MAX_ROWS} more: --csv or --json has all`] : [];
  return `${[head, ...table, ...more, ...totals(found), ...limitationsOf(found).map((line) => `! ${line}`)].join('\n')}\n`;
}

/** Removes the columns that are empty in every row below the header. */
function withoutEmpty(rows: readonly (readonly string[])[]): string[][] {
  const [, ...body] = rows;
  const empty = (column: number): boolean => body.every((row) => (row[column] ?? '') === '');
  return rows.map((row) => row.filter((_cell, column) => !empty(column)));
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function sessionsOf({ detail }: Exposure) {
  return 'sessions' in detail ? detail.sessions : [];
}

function totals({ detail, totals: all }: Exposure): string[] {
  const lines = [`calls: ${all.calls}, ${all.callSeconds} seconds long in all, ${all.erased} erased`];
  if ('sessions' in detail) {
    lines.push(
      `sessions: ${all.sessions}, open for ${all.sessionSeconds} seconds, ${all.bytes} bytes played or read, ${all.open} without a recorded end`,
    );
  }
  switch (detail.kind) {
    case 'person':
    case 'api-key': {
      const { looks, searches, pages } = detail.metadata;
      lines.push(`approved and not used: ${detail.unused.length} grants for ${all.unused} calls that were not played`);
      lines.push(`metadata: ${looks} views of ${all.readAbout} recordings, ${searches} searches, ${pages} list pages`);
      break;
    }
    case 'node': {
      const uses = Object.entries(detail.keyUses).map(([why, count]) => `${count} ${why}`);
      lines.push(`deposits ingested: ${detail.deposits}`);
      lines.push(`keys used outside sessions: ${uses.length === 0 ? 'none' : uses.join(', ')}`);
      break;
    }
    case 'key':
      lines.push(
        `deposits under the key: ${detail.deposits}${detail.tenantKeks > 0 ? `, by ${detail.tenantKeks} tenant KEKs` : ''}`,
      );
      if (detail.left !== null)
        lines.push(`the tenant left the key at ${detail.left}; ${detail.rewrapped} data keys were re-wrapped`);
  }
  return [...lines, `subjects to notify: ${all.subjects} different numbers, including the organisation's own`];
}

/** Limitations of the numbers, and their reasons. */
export function limitationsOf({ detail, totals: all, log, period, recordings }: Exposure): string[] {
  const lines: string[] = [];
  const say = (when: boolean, line: string): void => {
    if (when) lines.push(line);
  };
  say(
    log.begins !== null && log.begins > period.since,
    `the log begins at ${log.begins ?? ''}; earlier events are not counted`,
  );
  say(
    (detail.kind === 'node' || detail.kind === 'key') && recordings.length === 0,
    'no event or deposit of the tenant names it; check the spelling',
  );
  say(log.unreadable > 0, `${log.unreadable} events could not be read; check the log`);
  say(
    all.open > 0,
    'a session without a recorded end counts up to the end of its grant or of the period; its bytes are unknown',
  );
  say(all.erased > 0, 'the subjects of erased calls are no longer stored');
  switch (detail.kind) {
    case 'person':
    case 'api-key':
      say(
        detail.metadata.pages + detail.metadata.searches > 0,
        'the log does not record which recordings list pages and search results showed',
      );
      say(
        detail.kind === 'api-key' && detail.keyless > 0,
        `${detail.keyless} events do not record which key was presented; they are counted as uses of this one`,
      );
      say(
        detail.kind === 'api-key' && detail.otherKeys > 0,
        `${detail.otherKeys} sessions were opened with another key of the same principal; this key could have used them`,
      );
      break;
    case 'node':
      // Decision 0034: shorter bodies have no row before they are whole.
      say(true, 'uploads shorter than 8 MiB that were cut, rejected or unfinished are not in the log');
      say(
        detail.lent > 0,
        `${detail.lent} data keys were re-wrapped in its memory; the log does not record which deposits they belong to`,
      );
      say(
        detail.metadataKey,
        "the tenant's metadata key was in memory on this node; all metadata of the tenant could be read",
      );
      say(
        (detail.keyUses['ingest'] ?? 0) > 0,
        'an ingest key of the tenant was in memory on this node; it opens files that were sealed to it, also those that are still on a relay',
      );
      say(
        detail.elsewhere > 0,
        `${detail.elsewhere} sessions were opened on other nodes; the log does not record which node sent their data`,
      );
      break;
    case 'key':
      say(
        detail.before > 0,
        `the log does not record which data keys were re-wrapped; all ${detail.before} deposits made before are counted`,
      );
      say(
        true,
        'the key also opens older copies of what it wrapped: backups of the database, old versions of envelopes',
      );
      say(
        detail.metadataKey,
        "the tenant's metadata key is wrapped under this key; all metadata of the tenant could be read",
      );
      say(
        detail.ingestKeys > 0,
        `${detail.ingestKeys} of the tenant's ingest keys are wrapped under this key; it opens files that were sealed to them, also those that are still on a relay`,
      );
  }
  return lines;
}

/** JSON object with everything, in snake case. */
export function jsonOf(found: Exposure): object {
  const { detail, ...rest } = found;
  const { affected: _affected, ...details } = detail;
  return { ...(snake({ ...rest, ...details }) as object), untold: limitationsOf(found) };
}

function snake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snake);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snake(inner),
    ]),
  );
}

/** CSV with one line for each recording and subject; a recording without subjects has one line. */
export function* csvOf({ recordings }: Exposure): Generator<string> {
  yield 'recording,how,state,call_seconds,subject\n';
  for (const { recording, ways, state, callSeconds, subjects } of recordings) {
    for (const subject of subjects.length === 0 ? [''] : subjects) {
      yield `${recording},${ways.join(' ')},${state},${callSeconds ?? ''},${subject}\n`;
    }
  }
}
