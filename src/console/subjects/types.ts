// Types of replies about subject requests, under the names that the console uses.
import type { SubjectRecordingBody, SubjectRequestBody } from '../../http/reply-types.ts';

export type Kind = SubjectRequestBody['kinds'][number];
export type State = 'open' | 'searched' | 'proposed' | 'doing' | 'answered' | 'refused';
export type Outcome = SubjectRecordingBody['possible'][number];
export type Relation = 'self' | 'representative' | 'relative';
export type Channel = 'letter' | 'e-mail' | 'phone' | 'web' | 'in-person' | 'other';
export type RefusalGround = 'identity' | 'nothing-found' | 'unfounded' | 'excessive' | 'others-rights' | 'law';
export type AnswerLanguage = 'en' | 'zh-CN';
/** What is added to the answer, in either language. */
export type Words = NonNullable<SubjectRequestBody['words']>;
/** How many recordings have each outcome; without a member: none. */
export type Counts = Readonly<Partial<Record<Outcome, number>>>;

export type SubjectRequest = Omit<SubjectRequestBody, 'state' | 'person' | 'refusal' | 'recordings'> & {
  readonly state: State;
  readonly person: Omit<SubjectRequestBody['person'], 'relation' | 'channel' | 'language'> & {
    readonly relation: Relation;
    readonly channel: Channel;
    readonly language: AnswerLanguage;
  };
  readonly refusal: { readonly ground: RefusalGround; readonly reason: string } | null;
  readonly recordings: Omit<SubjectRequestBody['recordings'], 'outcomes'> & {
    /** Those that were decided. */
    readonly outcomes: Counts;
  };
};

export type SubjectRecording = SubjectRecordingBody;

/** The answer as a draft or as it is sent: its first paragraph. */
export type SubjectAnswer = { readonly paragraphs: readonly string[] };
