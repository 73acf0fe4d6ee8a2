// What the player reads and writes over the API, as the service tells it.
import type { CommentBody, RecordingActivityBody, SessionViewBody } from '../../../http/reply-types.ts';

/** A listening session, with what was handed out of the recording so far and the words of its watermark. */
export type Session = SessionViewBody;
export type Comment = CommentBody;
export type Category = Comment['category'];
export type Visibility = Comment['visibility'];
export const CATEGORIES: readonly Category[] = ['compliance', 'praise', 'improve', 'follow-up', 'note'];
export const VISIBILITIES: readonly Visibility[] = ['team', 'private'];

/** What a person writes. */
export type CommentInput = Pick<Comment, 'start_ms' | 'end_ms' | 'category' | 'visibility' | 'text'>;

/** What happened to a recording: never its content. */
export type RecordingActivity = RecordingActivityBody['data'][number];

/** Who speaks on a lane: its name and what stands in its small square. */
export type Speaker = { readonly name: string; readonly role: string; readonly initials: string };
