// A team as it is proposed: the draft that a form edits, and what it changes. Pure.
import type { ChangeViewBody, PersonBody, TeamViewBody } from '../../../http/reply-types.ts';

type TeamChange = NonNullable<ChangeViewBody['team']>;

/** What the form edits. `queues` is the text of its field, one queue a line; `without`: calls without a queue. */
export type TeamDraft = {
  readonly name: string;
  readonly members: readonly string[];
  readonly leads: readonly string[];
  readonly queues: string;
  readonly without: boolean;
};

/** The body of a proposal, without its kind and reason. */
export type WantedTeam = {
  readonly team?: string;
  readonly name: string;
  readonly members: readonly string[];
  readonly leads: readonly string[];
  readonly queues: readonly (string | null)[];
};

/** How many queues a team has at most, and how many characters the name of one. */
export const MAX_QUEUES = 32;
const MAX_QUEUE_NAME = 128;

/** A queue with fewer leads cannot always decide: no person decides on their own request. */
export const FEWEST_LEADS = 2;

/** The draft of a team, or of a new one. */
export function draftOf(team: TeamViewBody | null): TeamDraft {
  if (team === null) return { name: '', members: [], leads: [], queues: '', without: false };
  const { name, members, queues } = team;
  return {
    name,
    members: members.map(({ id }) => id),
    leads: members.flatMap(({ id, lead }) => (lead ? [id] : [])),
    queues: queues.flatMap(({ name: queue }) => (queue === null ? [] : [queue])).join('\n'),
    without: queues.some(({ name: queue }) => queue === null),
  };
}

/** The queues of a draft, each once whatever its capitals; null is for calls without one, and comes first. */
export function queuesOf({ queues, without }: Pick<TeamDraft, 'queues' | 'without'>): (string | null)[] {
  const named = new Map<string, string>();
  for (const line of queues.split('\n')) {
    const name = line.trim();
    const same = name.normalize('NFC').toLowerCase();
    if (name !== '' && !named.has(same)) named.set(same, name);
  }
  return [...(without ? [null] : []), ...[...named.values()].sort((one, other) => (one < other ? -1 : 1))];
}

/** What is wrong with the queues of a draft; null where nothing is. */
export function queuesFault(draft: Pick<TeamDraft, 'queues' | 'without'>): 'too_many' | 'too_long' | null {
  const queues = queuesOf(draft);
  if (queues.length > MAX_QUEUES) return 'too_many';
  return queues.some((queue) => (queue ?? '').length > MAX_QUEUE_NAME) ? 'too_long' : null;
}

/** The people who can be members: active reviewers and supervisors, in order of their names. */
export function ableToJoin(people: readonly PersonBody[], language: string): PersonBody[] {
  return people
    .filter(({ kind, state, roles }) => kind === 'person' && state === 'active' && roles.some(isWorking))
    .sort((a, b) => (a.name ?? a.id).localeCompare(b.name ?? b.id, language));
}

/** Whether a person can lead a team. */
export function canLead({ roles }: Pick<PersonBody, 'roles'>): boolean {
  return roles.includes('supervisor');
}

function isWorking(role: string): boolean {
  return role === 'reviewer' || role === 'supervisor';
}

/** The proposal of a draft. Members who can no longer be one are left out, as are leads who cannot lead. */
export function wantedOf(draft: TeamDraft, team: TeamViewBody | null, able: readonly PersonBody[]): WantedTeam {
  const members = able.filter(({ id }) => draft.members.includes(id));
  return {
    ...(team === null ? {} : { team: team.id }),
    name: draft.name.trim(),
    members: members.map(({ id }) => id),
    leads: members.filter((one) => canLead(one) && draft.leads.includes(one.id)).map(({ id }) => id),
    queues: queuesOf(draft),
  };
}

/** The team before and after, as a change shows it. */
export function changeOf(wanted: WantedTeam, team: TeamViewBody | null, able: readonly PersonBody[]): TeamChange {
  const names = new Map(able.map(({ id, name }) => [id, name]));
  const { name, members, leads, queues } = wanted;
  return {
    id: team?.id ?? '',
    was: team === null ? null : { name: team.name, members: team.members, queues: team.queues.map((one) => one.name) },
    to: {
      name,
      members: members.map((id) => ({ id, name: names.get(id) ?? null, lead: leads.includes(id) })),
      queues: [...queues],
    },
  };
}

/** Whether a change changes anything. */
export function isSame({ was, to }: Pick<TeamChange, 'was' | 'to'>): boolean {
  if (was === null) return false;
  const textOf = ({ name, members, queues }: TeamChange['to']): string =>
    JSON.stringify([name, members.map(({ id, lead }) => `${id} ${lead}`).sort(), queues.map(String).sort()]);
  return textOf(was) === textOf(to);
}

/** A queue of teams and its active leads. */
export type QueueLeads = TeamViewBody['queues'][number];

/** The queues of these teams that have fewer than two leads, each once: those with the fewest first. */
export function queuesWithFewLeads(teams: readonly Pick<TeamViewBody, 'queues'>[]): QueueLeads[] {
  const found = new Map<string, QueueLeads>();
  for (const { queues } of teams)
    for (const queue of queues)
      if (queue.leads < FEWEST_LEADS) found.set(queue.name === null ? '' : queue.name.toLowerCase(), queue);
  return [...found.values()].sort((a, b) => a.leads - b.leads || (a.name ?? '').localeCompare(b.name ?? ''));
}
