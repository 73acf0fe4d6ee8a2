// Recordings whose path says what is known of the call: a pattern with named groups, given by the operator.
import { VaultError } from '../errors.ts';
import { type NamePattern, namePattern } from '../model/name-pattern.ts';
import { isAudio, type Layout, metadataOf, recordingOf } from './layout.ts';
import { epochTime } from './values.ts';
import { wallClockTime } from './wall-clock.ts';

const TEXTS = ['leg', 'from', 'to', 'agent', 'queue', 'ticket', 'language', 'interaction', 'wrap_up'] as const;
const CLOCK = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;
/** `field_cost_centre` is the field `cost-centre`. */
const FIELD = /^field_([a-z][a-z0-9_]{0,31})$/;
const DIRECTIONS: Readonly<Record<string, string>> = {
  ...{ in: 'inbound', incoming: 'inbound', out: 'outbound', outgoing: 'outbound' },
};
/** Longer paths are not matched: no metadata of a call are that long. */
const LONGEST_PATH = 1_024;

/**
 * A layout of this pattern over the path inside the folder, with `/`. Groups: `call_id` (required), `leg`, `from`, `to`,
 * `agent`, `queue`, `ticket`, `direction`, `language`, `interaction`, `wrap_up`, `field_…`, and the start as `started`,
 * as `epoch` (seconds), or as `year` to `second`, in `timeZone`. Throws `malformed` for another pattern.
 */
export function fileNameLayout(pattern: string, timeZone: string): Layout {
  const compiled = compile(pattern);
  const matchOf = (path: string): Readonly<Record<string, string | undefined>> | null =>
    path.length > LONGEST_PATH ? null : compiled(path);
  return {
    roleOf: (path) => (isAudio(path) ? 'recording' : { why: 'not-a-recording' }),
    besideOf: () => [],
    read: (path) => {
      const groups = matchOf(path);
      if (groups === null || (groups['call_id'] ?? '') === '') return { why: 'no-call-id' };
      const direction = groups['direction']?.toLowerCase();
      const fields = Object.entries(groups).flatMap(([name, value]): [string, string][] => {
        const field = FIELD.exec(name)?.[1]?.replaceAll('_', '-');
        return field === undefined || value === undefined || value === '' ? [] : [[field, value]];
      });
      return recordingOf(
        path,
        metadataOf({
          ...Object.fromEntries(TEXTS.map((name) => [name, groups[name]])),
          call_id: groups['call_id'],
          started_at: startOf(groups, timeZone),
          direction: direction === undefined ? undefined : (DIRECTIONS[direction] ?? direction),
          fields: Object.fromEntries(fields),
        }),
      );
    },
  };
}

/** The start; undefined where the path names none. One that cannot be read stays as it is written: the vault then rejects the call. */
function startOf(groups: Readonly<Record<string, string | undefined>>, timeZone: string): string | undefined {
  const { epoch } = groups;
  if (epoch !== undefined) return epochTime(epoch) ?? epoch;
  const [year, ...rest] = CLOCK.map((name) => groups[name]);
  const started =
    groups['started'] ?? (year === undefined ? undefined : [year, ...rest.map((part) => part ?? '00')].join('-'));
  return started === undefined ? undefined : (wallClockTime(started, timeZone) ?? started);
}

function compile(pattern: string): NamePattern {
  const compiled = namePattern(pattern);
  const names = [...pattern.matchAll(/\(\?<([A-Za-z]\w*)>/g)].map(([, name]) => name ?? '');
  const known = new Set<string>(['call_id', 'direction', 'started', 'epoch', ...TEXTS, ...CLOCK]);
  const unknown = names.find((name) => !known.has(name) && !FIELD.test(name));
  if (unknown !== undefined)
    throw new VaultError(
      'malformed',
      `the pattern has an unknown group ${unknown}; there are ${[...known].join(', ')}, field_…`,
    );
  if (!names.includes('call_id')) throw new VaultError('malformed', 'the pattern needs a group (?<call_id>…)');
  return compiled;
}
