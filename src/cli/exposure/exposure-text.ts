// An exposure as operators read it: a short table with totals, one JSON object, lines of CSV.
import type { ExposureWay } from '../../model/exposure.ts';
import type { Exposure } from '../../vault/exposure/exposure.ts';

/** Rows that the table shows; all of them stand in JSON and CSV. */
const MAX_ROWS = 40;

const WAY_LABELS: Readonly<Record<ExposureWay, string>> = {
  session: 'heard',
  grant: 'could have',
  metadata: 'read about',
  deposit: 'taken in',
  key: 'key',
  'key-before': 'key before',
};

/** The table, the totals, and what they do not tell. */
export function tableOf(found: Exposure): string {
  const { detail: told, tenant, id, period, recordings } = found;
  const head = `callvault exposure · ${told.kind} ${id} · ${tenant} · ${period.since} to ${period.until}`;
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

/** The columns that say something in any row below the names. */
function withoutEmpty(rows: readonly (readonly string[])[]): string[][] {
  const [, ...told] = rows;
  const empty = (column: number): boolean => told.every((row) => (row[column] ?? '') === '');
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

function sessionsOf({ detail: told }: Exposure) {
  return 'sessions' in told ? told.sessions : [];
}

function totals({ detail: told, totals: all }: Exposure): string[] {
  const lines = [`calls: ${all.calls}, ${all.callSeconds} seconds long in all, ${all.erased} erased`];
  if ('sessions' in told) {
    lines.push(
      `sessions: ${all.sessions}, open for ${all.sessionSeconds} seconds, ${all.bytes} bytes heard or read, ${all.open} without an end`,
    );
  }
  switch (told.kind) {
    case 'person':
    case 'api-key': {
      const { looks, searches, pages } = told.metadata;
      lines.push(`approved and not used: ${told.unused.length} grants, for ${all.unused} calls that were not heard`);
      lines.push(`metadata: ${looks} looks at ${all.readAbout} recordings, ${searches} searches, ${pages} list pages`);
      break;
    }
    case 'node': {
      const uses = Object.entries(told.keyUses).map(([why, count]) => `${count} ${why}`);
      lines.push(`deposits taken in: ${told.deposits}`);
      lines.push(`keys used outside sessions: ${uses.length === 0 ? 'none' : uses.join(', ')}`);
      break;
    }
    case 'key':
      lines.push(
        `deposits under the key: ${told.deposits}${told.tenantKeks > 0 ? `, by ${told.tenantKeks} tenant KEKs` : ''}`,
      );
      if (told.left !== null)
        lines.push(`the tenant left the key at ${told.left}; ${told.rewrapped} data keys were re-wrapped`);
  }
  return [...lines, `subjects to notify: ${all.subjects} different numbers, the organisation's own among them`];
}

/** What the numbers leave out, and why. */
export function limitationsOf({ detail: told, totals: all, log, period, recordings }: Exposure): string[] {
  const lines: string[] = [];
  const say = (when: boolean, line: string): void => {
    if (when) lines.push(line);
  };
  say(
    log.begins !== null && log.begins > period.since,
    `the log begins at ${log.begins ?? ''}: it tells nothing of before`,
  );
  say(
    (told.kind === 'node' || told.kind === 'key') && recordings.length === 0,
    'nothing of the tenant names it: is this how it is called?',
  );
  say(log.unreadable > 0, `${log.unreadable} events could not be read: check the log`);
  say(
    all.open > 0,
    'a session without an end counts up to the end of its grant or of the period; its bytes are not known',
  );
  say(all.erased > 0, 'of erased calls no subjects are left to tell');
  switch (told.kind) {
    case 'person':
    case 'api-key':
      say(
        told.metadata.pages + told.metadata.searches > 0,
        'the log does not tell which recordings stood on list pages and in what searches found',
      );
      say(
        told.kind === 'api-key' && told.keyless > 0,
        `${told.keyless} events do not tell which key was presented: they are counted as this one's`,
      );
      say(
        told.kind === 'api-key' && told.otherKeys > 0,
        `${told.otherKeys} sessions were opened with another key of the same principal, and could be used with this one`,
      );
      break;
    case 'node':
      say(
        told.lent > 0,
        `${told.lent} data keys were re-wrapped in its memory: the log does not tell of which deposits`,
      );
      say(told.metadataKey, "the tenant's metadata key was in memory there: all metadata of the tenant could be read");
      say(
        told.elsewhere > 0,
        `${told.elsewhere} sessions were opened on other nodes: the log does not tell which node sent their pieces`,
      );
      break;
    case 'key':
      say(
        told.before > 0,
        `the log does not tell which data keys were re-wrapped: ${told.before} deposits that were there before are all counted`,
      );
      say(
        true,
        'the key opens copies of what it wrapped earlier too: backups of the database, old versions of envelopes',
      );
      say(told.metadataKey, "the tenant's metadata key is under it too: all metadata of the tenant could be read");
  }
  return lines;
}

/** One object: everything, in snake case. */
export function jsonOf(found: Exposure): object {
  const { detail: told, ...rest } = found;
  const { affected: _affected, ...tells } = told;
  return { ...(snake({ ...rest, ...tells }) as object), untold: limitationsOf(found) };
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

/** A line for each recording and subject; a recording without subjects has one line. */
export function* csvOf({ recordings }: Exposure): Generator<string> {
  yield 'recording,how,state,call_seconds,subject\n';
  for (const { recording, ways, state, callSeconds, subjects } of recordings) {
    for (const subject of subjects.length === 0 ? [''] : subjects) {
      yield `${recording},${ways.join(' ')},${state},${callSeconds ?? ''},${subject}\n`;
    }
  }
}
