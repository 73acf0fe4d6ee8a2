// Who heard one recording, when, and on whose approval: the events of a log about it, as lines for auditors.
import type { AuditAction } from './event-catalogue.ts';
import type { Leaf } from './leaf.ts';

type Line = { readonly seq: number; readonly text: string };
type Session = { readonly head: Line; readonly before: readonly Line[]; end: string | null };
type Step = (leaf: Leaf, seq: number) => void;

/** A story that takes every event of a log in order. */
export type Story = { readonly add: (leaf: Leaf, seq: number) => void; readonly lines: () => readonly string[] };

/** The story of the recording with this id. */
export function recordingStory(recording: string): Story {
  const told: (Line | Session)[] = [];
  const requests = new Map<string, Line[]>();
  const grants = new Map<string, readonly Line[]>();
  const changes = new Map<string, Line[]>();
  const sessions = new Map<string, Session>();
  const isAbout = ({ object }: Leaf): boolean =>
    [object['recording'], ...String(object['recordings'] ?? object.id).split(',')].includes(recording);
  const note = (what: string): Step => {
    return (leaf, seq) => {
      if (isAbout(leaf)) told.push({ seq, text: `${leaf.ts}  event ${seq}: ${what} by ${leaf.actor.id}` });
    };
  };
  const by = (what: string, { actor }: Leaf, seq: number): Line => ({
    seq,
    text: `    ${what} by ${actor.id} in event ${seq}`,
  });
  const steps: Partial<Record<AuditAction, Step>> = {
    'recording.created': note('created'),
    'recording.listed': note('created by a call list'),
    'recording.missing': note('found missing'),
    'recording.erasing': note('erasing'),
    'access.requested': (leaf, seq) => {
      if (isAbout(leaf)) requests.set(leaf.object.id, [by('asked', leaf, seq)]);
    },
    'access.approved': (leaf, seq) => {
      const trace = requests.get(leaf.object.id);
      if (trace === undefined) return;
      trace.push(by('approved', leaf, seq));
      if (leaf.object['grant'] !== undefined) grants.set(String(leaf.object['grant']), trace);
    },
    'access.assigned': (leaf, seq) => {
      if (isAbout(leaf)) grants.set(leaf.object.id, [by('assigned', leaf, seq)]);
    },
    'change.proposed': (leaf, seq) => void changes.set(leaf.object.id, [by('proposed', leaf, seq)]),
    'change.approved': (leaf, seq) => void changes.get(leaf.object.id)?.push(by('approved', leaf, seq)),
    'session.opened': (leaf, seq) => {
      if (leaf.object['recording'] !== recording) return;
      const { id, purpose } = leaf.object;
      const text = `${leaf.ts}  event ${seq}: ${leaf.actor.id} began to listen for ${purpose} (${id})`;
      const { grant, change } = leaf.object;
      const before = grants.get(String(grant)) ?? changes.get(String(change)) ?? [];
      const session = { head: { seq, text }, before: [...before], end: null };
      sessions.set(id, session);
      told.push(session);
    },
    'session.ended': (leaf, seq) => {
      const session = sessions.get(leaf.object.id);
      if (session === undefined) return;
      const { heard_ms: heard, reason } = leaf.object;
      const sent = typeof heard === 'number' ? `; ${(heard / 1000).toFixed(0)} s were sent` : '';
      session.end = `    ended in event ${seq} at ${leaf.ts} (${reason ?? 'no reason'}${sent})`;
      sessions.delete(leaf.object.id);
    },
  };
  return {
    add: (leaf, seq) => {
      if (leaf.outcome === 'ok') steps[leaf.action as AuditAction]?.(leaf, seq);
    },
    lines: () => {
      const lines = told.flatMap((one) =>
        'text' in one
          ? [one.text]
          : [one.head.text, ...one.before.map(({ text }) => text), one.end ?? '    not ended in this log'],
      );
      return lines.length > 0 ? lines : ['no event of this log is about listening to it'];
    },
  };
}
