// The paragraphs of an answer to a recorded person: what was heard, what becomes of the recordings, and what backups keep.
import type { AnswerSummary, RecordingAnswer, SubjectAnswer } from '../../model/subject/answer.ts';
import type { SubjectOutcome } from '../../model/subject/request.ts';
import { type AnswerTexts, fill, named } from './answer-texts.ts';

/** The answer in a few sentences, a paragraph an entry: texts as people wrote them among them, so escape them. */
export function answerParagraphs(answer: SubjectAnswer, texts: AnswerTexts): string[] {
  const { words, language } = texts;
  const own = answer.words[language];
  const first = answer.rejected === null ? [summaryText(answer, texts)] : rejectionText(answer.rejected, texts);
  return [fill(words.asked.intro, { asks: asksText(answer, texts) }), ...first, ...(own === undefined ? [] : [own])];
}

function asksText({ asked, copies }: SubjectAnswer, { words }: AnswerTexts): string {
  const asks = asked.flatMap((kind) => [
    words.asked[kind],
    ...(kind === 'access' && copies ? [words.asked.copies] : []),
  ]);
  const [last = '', ...before] = [...asks].reverse();
  if (before.length === 0) return last;
  return `${before.reverse().join(words.asked.join)}${words.asked.last}${last}`;
}

function rejectionText({ ground, reason }: NonNullable<SubjectAnswer['rejected']>, { words }: AnswerTexts): string[] {
  const { rejected } = words;
  return [joined([rejected.intro, rejected[ground]], words), fill(rejected.reason, { reason })];
}

/** Nothing of what was searched, or how, where nothing was found. */
function summaryText(answer: SubjectAnswer, texts: AnswerTexts): string {
  const { summary } = answer;
  const { words, counted } = texts;
  if (summary === null) return words.summary.none;
  const sentences = [
    counted(words.summary, 'found', summary.recordings),
    heardText(answer, summary, texts),
    ...outcomeTexts(summary, texts),
    ...backupTexts(answer, summary, texts),
  ];
  return joined(sentences, words);
}

function heardText({ relation }: SubjectAnswer, { heard }: AnswerSummary, texts: AnswerTexts): string {
  const { words, counted, day } = texts;
  const calls = words.calls[relation];
  if (heard.last === null) return fill(words.summary.heard_none, { calls });
  const [only] = heard.purposes;
  const one = heard.purposes.length === 1 && only !== undefined;
  const purposes = one
    ? fill(words.summary.purpose_only, { purpose: named(words.purposes, only.purpose) })
    : heard.purposes
        .map(({ purpose, times }) =>
          fill(words.summary.purpose, { purpose: named(words.purposes, purpose), count: String(times) }),
        )
        .join(words.asked.join);
  return counted(words.summary, 'heard', heard.times, { calls, purposes, last: day(heard.last) });
}

function outcomeTexts(summary: AnswerSummary, { words, counted, day }: AnswerTexts): string[] {
  const text = (key: string, count: number | undefined, values = {}): string[] =>
    count === undefined || count <= 0 ? [] : [counted(words.summary, key, count, values)];
  const { erase = 0, later, held, restrict, rectify, copy, told } = summary.outcomes;
  const until = summary.later_until;
  const kept = until === null ? text('later', later) : text('later_until', later, { until: day(until) });
  return [
    ...text('erased', summary.erased),
    ...text('erase', erase - summary.erased),
    ...(kept.length === 0 ? [] : [...kept, words.summary.later_use]),
    ...text('held', held),
    ...text('restrict', restrict),
    ...text('rectify', rectify),
    ...text('copy', copy),
    ...text('told', told),
  ];
}

function backupTexts(answer: SubjectAnswer, { outcomes }: AnswerSummary, { words, date }: AnswerTexts): string[] {
  if (outcomes.erase === undefined) return [];
  if (answer.backups_until === null) return [words.summary.backups_unknown];
  return [fill(words.summary.backups, { date: date(answer.backups_until) })];
}

/** What becomes of one recording, and why; what the person asked for and does not get of it. */
export function recordingTexts(one: RecordingAnswer, texts: AnswerTexts): string[] {
  const { words, day } = texts;
  // Of evidence the sentence itself says when it ends.
  const endsOtherwise = one.outcome === 'erase' || (one.outcome === 'held' && one.until === null);
  const kept = endsOtherwise ? [] : [keptText(one, texts)];
  const done = one.done !== null && one.outcome === 'erase';
  const what = done ? fill(words.outcome.erased, { date: day(one.done ?? '') }) : words.outcome[one.outcome];
  return [...(KEPT_FIRST.has(one.outcome) ? [...kept, what] : [what, ...kept]), ...notDoneTexts(one, texts)];
}

/** Whose end comes first, as the text after it refers to it. */
const KEPT_FIRST: ReadonlySet<SubjectOutcome> = new Set(['later'] as const);

function keptText({ until, rule }: RecordingAnswer, { words, day }: AnswerTexts): string {
  const { outcome } = words;
  const values = { until: until === null ? '' : day(until), rule: rule?.name ?? '', law: rule?.law ?? '' };
  if (rule === null) return until === null ? outcome.no_end : fill(outcome.until, values);
  const [withLaw, without] =
    until === null ? [outcome.rule_law, outcome.rule] : [outcome.until_law, outcome.until_rule];
  return fill(rule.law === null ? without : withLaw, values);
}

function notDoneTexts(
  { not_done: kinds, outcome, basis, withdrawn }: RecordingAnswer,
  { words }: AnswerTexts,
): string[] {
  return kinds.flatMap((kind) => {
    // The sentence of the outcome says why it is erased later only.
    if (kind === 'erase' && (outcome === 'later' || outcome === 'held')) return [];
    if (kind === 'erase') return [withdrawn || basis === 'none' ? words.not_done.erase_none : words.not_done.erase];
    if (kind === 'copy' && outcome === 'erase') return [words.not_done.copy_erased];
    return [words.not_done[kind]];
  });
}

/** Sentences as one paragraph: Chinese ones have no space between them. */
function joined(sentences: readonly string[], words: AnswerTexts['words']): string {
  return sentences.join(words.asked.last === '、' ? '' : ' ');
}
