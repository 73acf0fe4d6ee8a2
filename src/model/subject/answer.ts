// The answer to a person whose calls are recorded, as a document: what is kept, why and until when, what is erased, who heard.
import type {
  RefusalGround,
  SubjectKind,
  SubjectOutcome,
  SubjectPerson,
  SubjectRequest,
  SubjectWords,
  ToldRecording,
} from './request.ts';

/** A recording of a request, as the answer needs it. `outcome`: suggested, while none is decided. */
export type AnsweredRecording = ToldRecording & {
  readonly recording: string;
  readonly outcome: SubjectOutcome;
  /** When the outcome was done; null: not yet. */
  readonly done: string | null;
};

/** What an answer is made of. */
export type AnswerInput = {
  readonly request: Pick<SubjectRequest, 'id' | 'kinds' | 'received'>;
  readonly person: Pick<SubjectPerson, 'relation' | 'copies'>;
  readonly organisation: string;
  /** Where the person can write; null where the organisation names no address. */
  readonly contact: string | null;
  /** IANA name of the organisation's time zone. */
  readonly timeZone: string;
  readonly words: SubjectWords | null;
  readonly recordings: readonly AnsweredRecording[];
  /** The last day on which backups may have what is erased, YYYY-MM-DD; null where the deployment does not say. */
  readonly backups: string | null;
  readonly made: string;
  /** Whether it can still change: not everything that was decided is done, or nothing is decided. */
  readonly draft: boolean;
};

/** What the person asked for of a recording and does not get. */
export type NotDone = 'erase' | 'copy' | 'rectify' | 'restrict';

/** What an answer says of one recording. */
export type RecordingAnswer = AnsweredRecording & { readonly not_done: readonly NotDone[] };

/** Totals of an answer. */
export type AnswerSummary = {
  readonly recordings: number;
  readonly heard: {
    readonly times: number;
    readonly last: string | null;
    /** Most frequent first. */
    readonly purposes: readonly { readonly purpose: string; readonly times: number }[];
  };
  readonly outcomes: Readonly<Partial<Record<SubjectOutcome, number>>>;
  /** How many are erased already. */
  readonly erased: number;
  /** Of those that are kept for now and erased later, the latest end; null where one of them has none yet, or there is none. */
  readonly later_until: string | null;
};

/** The document. Without recordings, and of a rejection, it has no summary: it shows nothing of what was searched. */
export type SubjectAnswer = {
  readonly v: 1;
  readonly request: string;
  readonly organisation: string;
  readonly contact: string | null;
  readonly time_zone: string;
  readonly made: string;
  readonly draft: boolean;
  readonly received: string;
  readonly asked: readonly SubjectKind[];
  readonly copies: boolean;
  readonly relation: SubjectPerson['relation'];
  readonly rejected: { readonly ground: RefusalGround; readonly reason: string } | null;
  readonly words: { readonly en?: string; readonly 'zh-CN'?: string };
  readonly summary: AnswerSummary | null;
  /** Null too where nothing is erased. */
  readonly backups_until: string | null;
  /** By the time of the call, newest first. */
  readonly recordings: readonly RecordingAnswer[];
};

/** Makes the document. */
export function subjectAnswer(input: AnswerInput): SubjectAnswer {
  const { request, person, words, backups } = input;
  const { refusal = null, ...own } = words ?? {};
  // A rejection shows nothing: the person who asks may be another than they say.
  const recordings = refusal === null ? answersOf(input) : [];
  const erases = recordings.some(({ outcome }) => ERASING.has(outcome));
  return {
    v: 1,
    request: request.id,
    organisation: input.organisation,
    contact: input.contact,
    time_zone: input.timeZone,
    made: input.made,
    draft: input.draft,
    received: request.received,
    asked: request.kinds,
    copies: person.copies,
    relation: person.relation,
    rejected: refusal,
    words: own,
    summary: recordings.length === 0 ? null : summaryOf(recordings),
    backups_until: erases ? backups : null,
    recordings,
  };
}

const ERASING: ReadonlySet<SubjectOutcome> = new Set(['erase'] as const);

function answersOf({ request, person, recordings }: AnswerInput): RecordingAnswer[] {
  return [...recordings]
    .sort((one, other) => compare(other.began, one.began) || compare(one.recording, other.recording))
    .map((recording) => ({ ...recording, not_done: notDone(request.kinds, person.copies, recording) }));
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

/** What an outcome leaves undone. Nothing more can be done of a recording that is erased, now or later. */
function notDone(
  kinds: readonly SubjectKind[],
  copies: boolean,
  { outcome, basis }: Pick<AnsweredRecording, 'outcome' | 'basis'>,
): NotDone[] {
  const erases = kinds.includes('erase') || (kinds.includes('withdraw') && basis === 'consent');
  const isErased = outcome === 'erase';
  const isNarrow = ['later', 'held', 'restrict'].includes(outcome);
  return [
    ...(erases && !isErased ? (['erase'] as const) : []),
    ...(kinds.includes('access') && copies && outcome !== 'copy' ? (['copy'] as const) : []),
    ...(kinds.includes('rectify') && !isErased && outcome !== 'rectify' ? (['rectify'] as const) : []),
    ...(kinds.some((kind) => kind === 'restrict' || kind === 'object') && !isErased && !isNarrow
      ? (['restrict'] as const)
      : []),
  ];
}

function summaryOf(recordings: readonly RecordingAnswer[]): AnswerSummary {
  const heard = recordings.flatMap((one) => one.heard);
  const purposes = new Map<string, number>();
  for (const { purpose } of heard) purposes.set(purpose, (purposes.get(purpose) ?? 0) + 1);
  const outcomes: Partial<Record<SubjectOutcome, number>> = {};
  for (const { outcome } of recordings) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return {
    recordings: recordings.length,
    heard: {
      times: heard.length,
      last: latest(heard.map(({ at }) => at)),
      purposes: [...purposes]
        .map(([purpose, times]) => ({ purpose, times }))
        .sort((one, other) => other.times - one.times || compare(one.purpose, other.purpose)),
    },
    outcomes,
    erased: recordings.filter(({ outcome, done }) => outcome === 'erase' && done !== null).length,
    later_until: latest(recordings.flatMap(({ outcome, until }) => (outcome === 'later' ? [until] : []))),
  };
}

/** The latest of these times; null where there is none, or one of them is unknown. */
function latest(times: readonly (string | null)[]): string | null {
  let last = '';
  for (const time of times) {
    if (time === null) return null;
    if (time > last) last = time;
  }
  return last === '' ? null : last;
}
