// JSON views of subject requests.
import type { SubjectRecording } from '../vault/subjects/read.ts';
import type { SubjectView } from '../vault/subjects/view.ts';

/** A request. */
export function subjectToJson({ request, person, managerName, identity, words, change, counts, copies }: SubjectView) {
  const { id, kinds, state, created, received, due, extended, manager, identified, searched, ended } = request;
  const { refusal = null, ...said } = words ?? {};
  const outcomes: Record<string, number> = {};
  for (const { outcome, n } of counts) if (outcome !== null) outcomes[outcome] = (outcomes[outcome] ?? 0) + n;
  const total = (some: SubjectView['counts']) => some.reduce((sum, { n }) => sum + n, 0);
  return {
    ...{ id, kinds, state: state.toLowerCase(), created, received, due, extended },
    ...{ manager, manager_name: managerName },
    person: {
      ...{ numbers: person.numbers, fields: person.fields, name: person.name ?? null, relation: person.relation },
      ...{ channel: person.channel, asks: person.asks ?? null, copies: person.copies, language: person.language },
    },
    identity:
      identity === null || identified === null
        ? null
        : { at: identified, how: identity.how, by: identity.by, by_name: identity.name },
    searched,
    withdrawn: kinds.includes('withdraw'),
    change: change === null ? null : { id: change.id, state: change.state.toLowerCase(), signed: change.signed },
    words: words === null ? null : said,
    refusal,
    recordings: {
      found: total(counts),
      decided: total(counts.filter(({ outcome }) => outcome !== null)),
      done: total(counts.filter(({ done }) => done)),
      outcomes,
    },
    copies:
      copies === null
        ? null
        : {
            ...{ officer: copies.officer, officer_name: copies.name, until: copies.ends },
            ...{ downloads: copies.downloads, left: copies.left },
          },
    ended,
  };
}

/** A recording of a request. */
export function subjectRecordingToJson({ match, state, told, ...of }: SubjectRecording) {
  const { recording, outcome, done } = match;
  return {
    ...{ recording, state: state.toLowerCase() },
    ...{ began: told?.began ?? null, direction: told?.direction ?? null, queue: of.queue },
    ...{ duration_ms: told?.duration_ms ?? null, basis: told?.basis ?? null, withdrawn: told?.withdrawn ?? false },
    heard: { times: told?.heard.length ?? 0, last: told?.heard.at(-1)?.at ?? null },
    ...{ keep_until: told?.until ?? null, kept_by: of.keptBy, holds: of.holds, restricted: of.restricted },
    ...{ suggested: of.suggested, possible: of.possible, outcome, done, blocked: of.blocked },
  };
}
