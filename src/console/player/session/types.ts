// Types of the player's API calls.
import type { CommentBody, RecordingActivityBody, SessionViewBody } from '../../../http/reply-types.ts';

/** A listening session with its delivered ranges and the text of its watermark. */
export type Session = SessionViewBody;
export type Comment = CommentBody;
export type Category = Comment['category'];
export type Visibility = Comment['visibility'];
export const CATEGORIES: readonly Category[] = ['compliance', 'praise', 'improve', 'follow-up', 'note'];
export const VISIBILITIES: readonly Visibility[] = ['team', 'private'];

/** Comment as a person writes it. */
export type CommentInput = Pick<Comment, 'start_ms' | 'end_ms' | 'category' | 'visibility' | 'text'>;

/** Activity of a recording, without its content. */
export type RecordingActivity = RecordingActivityBody['data'][number];

/** Speaker: name, role, and the letters and colour of the square: the agent's, the customer's, or those of no known speaker. */
export type Speaker = {
  readonly name: string;
  readonly role: string;
  readonly initials: string;
  readonly look: 'a' | 'c' | '';
};
