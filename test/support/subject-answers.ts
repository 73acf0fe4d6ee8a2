// Answers to recorded people for tests: the one of the picture, and what they are made of.
import { type AnsweredRecording, type AnswerInput, subjectAnswer } from '../../src/model/subject/answer.ts';

/** An id with this number. */
export const recordingId = (n: number): string => `rec_${String(n).padStart(26, '0')}`;

/** A recording of an answer. */
export const answered = (n: number, more: Partial<AnsweredRecording> = {}): AnsweredRecording => ({
  ...{ recording: recordingId(n), outcome: 'told', done: null, began: '2026-10-06T09:40:00.000Z' },
  ...{ direction: 'inbound', duration_ms: 272_000, basis: 'consent', withdrawn: false, has: ['audio'] },
  ...{ until: null, rule: null, held: false, heard: [] },
  ...more,
});

/** What an answer is made of. */
export const answerInput = (more: Partial<AnswerInput> = {}): AnswerInput => ({
  request: {
    id: 'sub_01kb2wd8z3f4x6q7r8s9t0v1w2',
    kinds: ['access', 'withdraw', 'erase'],
    received: '2026-11-12T03:00:00.000Z',
  },
  person: { relation: 'self', copies: false },
  ...{ organisation: 'Northvale Telecom', contact: null, timeZone: 'Asia/Singapore', words: null, recordings: [] },
  ...{ backups: '2026-12-30', made: '2026-11-25T06:20:00.000Z', draft: false },
  ...more,
});

const heard = (at: string, purpose: string, role: string | null, ms: number | null) => ({
  at,
  purpose,
  role,
  heard_ms: ms,
});

/** The answer of the picture: nine erased, three kept by law, two held; heard seven times. */
export const pictured = (more: Partial<AnswerInput> = {}) =>
  subjectAnswer(
    answerInput({
      recordings: [
        ...Array.from({ length: 9 }, (_, n) =>
          answered(n, {
            ...{
              outcome: 'erase',
              withdrawn: true,
              began: `2026-0${n + 1}-09T02:42:00.000Z`,
              has: ['audio', 'transcript'],
            },
            heard:
              n === 8
                ? [
                    heard('2026-11-09T01:00:00.000Z', 'quality', 'reviewer', 61_000),
                    heard('2026-11-10T01:00:00.000Z', 'complaint', 'supervisor', null),
                  ]
                : [],
          }),
        ),
        answered(20, {
          ...{
            outcome: 'later',
            until: '2026-12-02T12:00:00.000Z',
            rule: { name: 'Outbound calls', law: 'MIIT (2020) 81' },
          },
          ...{ direction: 'outbound', heard: [heard('2026-11-02T04:00:00.000Z', 'quality', 'reviewer', 12_000)] },
        }),
        ...[21, 22].map((n) =>
          answered(n, {
            ...{ outcome: 'later', basis: 'contract', until: `203${n - 21}-09-08T12:00:00.000Z` },
            rule: { name: 'Credit contracts', law: null },
          }),
        ),
        answered(30, {
          ...{ outcome: 'held', basis: 'legitimate-interest', held: true },
          heard: ['quality', 'quality', 'complaint', 'dispute'].map((purpose, n) =>
            heard(`2026-10-0${n + 1}T04:00:00.000Z`, purpose, n === 3 ? null : 'reviewer', 3_700_000),
          ),
        }),
        answered(31, { outcome: 'held', basis: 'legitimate-interest', held: true }),
      ],
      ...more,
    }),
  );
