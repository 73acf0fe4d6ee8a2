// What the player reads and writes over the API, as the service tells it.
import type { Span } from './spans.ts';

/** A listening session, with what was heard of the recording so far and the words of its watermark. */
export type Session = {
  readonly id: string;
  readonly recording: string;
  readonly grant: string;
  readonly opened: string;
  readonly ends: string;
  readonly media: string;
  readonly state: string;
  readonly reason: string | null;
  readonly heard: readonly (readonly [number, number])[];
  readonly heard_percent: number;
  readonly watermark: { readonly person: string; readonly at: string; readonly grant: string };
};

export const CATEGORIES = ['compliance', 'praise', 'improve', 'follow-up', 'note'] as const;
export type Category = (typeof CATEGORIES)[number];
export const VISIBILITIES = ['team', 'private'] as const;
export type Visibility = (typeof VISIBILITIES)[number];

/** What a person writes. */
export type CommentBody = {
  readonly start_ms: number;
  readonly end_ms: number | null;
  readonly category: Category;
  readonly visibility: Visibility;
  readonly text: string;
};

export type Comment = CommentBody & {
  readonly id: string;
  readonly author: { readonly id: string; readonly name: string };
  readonly created: string;
  readonly edited: string | null;
};

/** What happened to a recording: never its content. */
export type RecordingActivity = {
  readonly at: string;
  readonly action: string;
  readonly actor: { readonly id: string; readonly name: string | null; readonly type: string };
  readonly purpose: string | null;
  readonly grant: string | null;
  readonly session: string | null;
  readonly heard_ms: number | null;
  readonly seconds: number | null;
  readonly reason_code: string | null;
};

/** Who speaks on a lane: its name and what stands in its small square. */
export type Speaker = { readonly name: string; readonly role: string; readonly initials: string };

/** Pairs of the API as spans. */
export function spansIn(pairs: Session['heard']): Span[] {
  return pairs.map(([start, end]) => ({ start, end }));
}
