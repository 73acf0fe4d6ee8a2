// Types of replies about subject requests, under the names that the console uses.

export type Kind = 'access' | 'rectify' | 'restrict' | 'object' | 'erase' | 'withdraw';
export type State = 'open' | 'searched' | 'proposed' | 'doing' | 'answered' | 'refused';
export type Outcome = 'erase' | 'later' | 'held' | 'rectify' | 'restrict' | 'copy' | 'told';
export type Relation = 'self' | 'representative' | 'relative';
export type Channel = 'letter' | 'e-mail' | 'phone' | 'web' | 'in-person' | 'other';
export type RefusalGround = 'identity' | 'nothing-found' | 'unfounded' | 'excessive' | 'others-rights' | 'law';
export type AnswerLanguage = 'en' | 'zh-CN';
export type Words = { readonly en?: string | undefined; readonly 'zh-CN'?: string | undefined };

export type SubjectPerson = {
  readonly numbers: readonly string[];
  readonly fields: Readonly<Record<string, string>>;
  readonly name: string | null;
  readonly relation: Relation;
  readonly channel: Channel;
  readonly asks: string | null;
  readonly copies: boolean;
  readonly language: AnswerLanguage;
};

export type SubjectRequest = {
  readonly id: string;
  readonly kinds: readonly Kind[];
  readonly state: State;
  readonly created: string;
  readonly received: string;
  readonly due: string;
  readonly extended: string | null;
  readonly manager: string;
  readonly manager_name: string | null;
  readonly person: SubjectPerson;
  readonly identity: {
    readonly at: string;
    readonly how: string;
    readonly by: string;
    readonly by_name: string | null;
  } | null;
  readonly searched: string | null;
  readonly withdrawn: boolean;
  readonly change: { readonly id: string; readonly state: string; readonly signed: string | null } | null;
  readonly words: Words | null;
  readonly refusal: { readonly ground: RefusalGround; readonly reason: string } | null;
  readonly recordings: {
    readonly found: number;
    readonly decided: number;
    readonly done: number;
    /** Those that were decided; without a member: none. */
    readonly outcomes: Readonly<Partial<Record<Outcome, number>>>;
  };
  readonly ended: string | null;
};

export type SubjectRecording = {
  readonly recording: string;
  readonly state: string;
  /** Null where it was erased before its outcome was decided. */
  readonly began: string | null;
  readonly direction: string | null;
  readonly queue: string | null;
  readonly duration_ms: number | null;
  readonly basis: string | null;
  readonly withdrawn: boolean;
  readonly heard: { readonly times: number; readonly last: string | null };
  readonly keep_until: string | null;
  readonly kept_by: string | null;
  readonly holds: readonly string[];
  readonly restricted: boolean;
  /** What was asked leads to; null once it is done, or where it was erased before. */
  readonly suggested: Outcome | null;
  /** The outcomes that are possible now. */
  readonly possible: readonly Outcome[];
  readonly outcome: Outcome | null;
  readonly done: string | null;
  readonly blocked: string | null;
};

export type SubjectAnswer = { readonly paragraph: string };
