// Requests of the people whose calls are recorded: what they ask for, states, and what a row holds.

/** What a person may ask for; one request may ask for several. */
export const SUBJECT_KINDS = ['access', 'rectify', 'restrict', 'object', 'erase', 'withdraw'] as const;
export type SubjectKind = (typeof SUBJECT_KINDS)[number];

/** DOING: two people decided, and what they decided is being done or waits for its answer. */
export const SUBJECT_STATES = ['OPEN', 'SEARCHED', 'PROPOSED', 'DOING', 'ANSWERED', 'REFUSED'] as const;
export type SubjectState = (typeof SUBJECT_STATES)[number];

/** The states that each state can become. A decision that is not approved is made again from PROPOSED. */
const NEXT: Readonly<Record<SubjectState, readonly SubjectState[]>> = {
  OPEN: ['SEARCHED', 'PROPOSED'],
  SEARCHED: ['SEARCHED', 'PROPOSED'],
  PROPOSED: ['SEARCHED', 'PROPOSED', 'DOING', 'REFUSED'],
  DOING: ['PROPOSED', 'DOING', 'ANSWERED'],
  ANSWERED: [],
  REFUSED: [],
};

/** Whether a request in one state can become another. */
export function canBecome(from: SubjectState, to: SubjectState): boolean {
  return NEXT[from].includes(to);
}

/** Whether nothing more happens to a request. */
export function isEnded({ state }: Pick<SubjectRequest, 'state'>): boolean {
  return state === 'ANSWERED' || state === 'REFUSED';
}

/** A request's row. */
export type SubjectRequest = {
  readonly tenant: string;
  readonly id: string;
  readonly kinds: readonly SubjectKind[];
  readonly state: SubjectState;
  readonly version: number;
  /** Raised by each search and each decision: what an approval builds on. */
  readonly round: number;
  readonly created: string;
  /** When the person's letter or call came. */
  readonly received: string;
  /** When the answer is due, and when that was last moved; null: never. */
  readonly due: string;
  readonly extended: string | null;
  /** Who opened it. */
  readonly manager: string;
  /** Who asks, sealed (`SubjectPerson`). */
  readonly person: Uint8Array;
  /** When their identity was checked, and how, sealed (`SubjectIdentity`); null: not yet. */
  readonly identified: string | null;
  readonly evidence: Uint8Array | null;
  readonly searched: string | null;
  /** The newest change that decides it. */
  readonly change: string | null;
  /** What the person who decided adds to the answer, or why it is rejected, sealed (`SubjectWords`); null for none. */
  readonly words: Uint8Array | null;
  /** The copies that can be made now, sealed (`ApprovedCopies`), and of which officer; null: none. */
  readonly copies: Uint8Array | null;
  readonly copiesBy: string | null;
  /** When it was answered or rejected. */
  readonly ended: string | null;
};

/** Who a person who asks is to the person whose calls these are. */
export const SUBJECT_RELATIONS = ['self', 'representative', 'relative'] as const;
export type SubjectRelation = (typeof SUBJECT_RELATIONS)[number];

/** How a request came. */
export const SUBJECT_CHANNELS = ['letter', 'e-mail', 'phone', 'web', 'in-person', 'other'] as const;
export type SubjectChannel = (typeof SUBJECT_CHANNELS)[number];

/** Who asks, and how their recordings are found. Numbers are masked once the request has ended. */
export type SubjectPerson = {
  readonly numbers: readonly string[];
  /** Values of fields that the tenant searches by. */
  readonly fields: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly relation: SubjectRelation;
  readonly channel: SubjectChannel;
  /** What they ask for, in the words of who opened the request. */
  readonly asks?: string;
  /** Whether they want copies of the recordings. */
  readonly copies: boolean;
  /** The language of the answer. */
  readonly language: 'en' | 'zh-CN';
};

/** How the identity was checked, and by whom. */
export type SubjectIdentity = { readonly how: string; readonly by: string };

/** What the person who decided adds to the answer, in either language; `refusal` where the request is rejected. */
export type SubjectWords = {
  readonly en?: string;
  readonly 'zh-CN'?: string;
  readonly refusal?: { readonly ground: RefusalGround; readonly reason: string };
};

/** Why a request is rejected (GDPR Art. 11, 12(5), 15(4); PIPL Art. 50). */
export const REFUSAL_GROUNDS = ['identity', 'nothing-found', 'unfounded', 'excessive', 'others-rights', 'law'] as const;
export type RefusalGround = (typeof REFUSAL_GROUNDS)[number];

/** The longest time, in hours, for which copies can be made once the decision is carried out; it is the default too. */
export const MOST_COPY_HOURS = 72;
/** How often the package can be downloaded: by default, and at most. */
export const USUAL_DOWNLOADS = 3;
export const MOST_DOWNLOADS = 10;
/** Maximum number of recordings of a request: more are asked for by years (`from`, `to` of a search). */
export const MAX_MATCHES = 2_000;
/** Maximum number of telephone numbers that a request names. */
export const MAX_NUMBERS = 20;
/** Maximum number of requests of a tenant that have not ended. */
export const MAX_OPEN_SUBJECTS = 5_000;
/** Maximum length of texts that people write, in UTF-16 code units. */
export const MAX_SUBJECT_TEXT = 2_000;

/** A recording that a request found. */
export type SubjectMatch = {
  readonly tenant: string;
  readonly request: string;
  readonly recording: string;
  /** What becomes of it; null until it is decided. */
  readonly outcome: SubjectOutcome | null;
  /** When that was done; null: not yet. */
  readonly done: string | null;
  /** Whether the request keeps it from being erased for other reasons: access was asked for, and the request is open. */
  readonly holds: boolean;
  /** What the answer says of it, sealed (`ToldRecording`), from when its outcome was done; null before. */
  readonly told: Uint8Array | null;
};

/**
 * What becomes of a recording: erased; kept and restricted until the law's period ends (`later`) or its holds do (`held`),
 * then erased; corrected; restricted; copied for the person; or only described in the answer.
 */
export const SUBJECT_OUTCOMES = ['erase', 'later', 'held', 'rectify', 'restrict', 'copy', 'told'] as const;
export type SubjectOutcome = (typeof SUBJECT_OUTCOMES)[number];

/** One time that a person heard or read the recording: no names. `role` is null where the log does not say it. */
export type Heard = {
  readonly at: string;
  readonly purpose: string;
  readonly role: string | null;
  /** How much of the call, in milliseconds; null where that is not known. */
  readonly heard_ms: number | null;
};

/** What an answer says of a recording. `until`: null where it does not expire. */
export type ToldRecording = {
  readonly began: string;
  readonly direction: string | null;
  readonly duration_ms: number | null;
  readonly basis: string;
  /** Whether the person withdrew the consent that is its basis. */
  readonly withdrawn: boolean;
  /** Which of audio, transcript and comments there are. */
  readonly has: readonly string[];
  /** Until when the law or the organisation keeps it, and by which rule or hold. */
  readonly until: string | null;
  readonly rule: { readonly name: string; readonly law: string | null } | null;
  readonly held: boolean;
  readonly heard: readonly Heard[];
  /** What two people decided, from when it was done: rows of matches have no MAC, and this is sealed. */
  readonly outcome?: SubjectOutcome;
};
