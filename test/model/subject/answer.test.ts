// The document that answers a recorded person.
import { describe, expect, it } from 'vitest';
import { subjectAnswer } from '../../../src/model/subject/answer.ts';
import { answered, answerInput, pictured, recordingId } from '../../support/subject-answers.ts';

describe('the answer to a recorded person', () => {
  it('counts what was heard, by purpose, and what becomes of the recordings', () => {
    const { summary, backups_until: backups } = pictured();
    expect(summary).toEqual({
      recordings: 14,
      heard: {
        ...{ times: 7, last: '2026-11-10T01:00:00.000Z' },
        purposes: [
          { purpose: 'quality', times: 4 },
          { purpose: 'complaint', times: 2 },
          { purpose: 'dispute', times: 1 },
        ],
      },
      outcomes: { erase: 9, later: 3, held: 2 },
      ...{ erased: 0, later_until: '2031-09-08T12:00:00.000Z' },
    });
    expect(backups).toBe('2026-12-30');
  });

  it('lists the recordings by the time of the call, newest first', () => {
    const began = pictured().recordings.map((one) => one.began);
    expect(began).toEqual([...began].sort().reverse());
  });

  it('shows nothing of what was searched where nothing was found', () => {
    const answer = subjectAnswer(answerInput());
    expect(answer).toMatchObject({ summary: null, recordings: [], rejected: null, backups_until: null });
    const { organisation, contact, time_zone, made, ...rest } = answer;
    expect(JSON.stringify(rest)).not.toMatch(/\d{4}-\d\d-\d\d.*\d{4}-\d\d-\d\d/);
  });

  it('shows no recording to a person whose request is rejected', () => {
    const refusal = { ground: 'identity', reason: 'the passport was not theirs' } as const;
    const answer = pictured({ words: { en: 'own words', refusal } });
    expect(answer).toMatchObject({ rejected: refusal, summary: null, recordings: [], backups_until: null });
    expect(answer.words).toEqual({ en: 'own words' });
    expect(JSON.stringify(answer)).not.toContain('rec_');
  });

  it('says the latest end of what the law keeps only where each has one', () => {
    const later = (n: number, until: string | null) => answered(n, { outcome: 'later', until });
    const last = (...recordings: ReturnType<typeof later>[]) =>
      subjectAnswer(answerInput({ recordings })).summary?.later_until;
    expect(last(later(1, '2030-01-01T12:00:00.000Z'), later(2, '2029-01-01T12:00:00.000Z'))).toBe(
      '2030-01-01T12:00:00.000Z',
    );
    expect(last(later(1, '2030-01-01T12:00:00.000Z'), later(2, null))).toBeNull();
    expect(last(answered(1))).toBeNull();
  });

  it('has no day of backups where nothing is erased', () => {
    const answer = subjectAnswer(answerInput({ recordings: [answered(1), answered(2, { outcome: 'held' })] }));
    expect(answer.backups_until).toBeNull();
  });

  it.each([
    ['erase', ['access', 'erase'], true, ['copy']],
    ['later', ['erase'], false, ['erase']],
    ['held', ['erase', 'restrict'], false, ['erase']],
    ['told', ['access'], false, []],
    ['told', ['access', 'erase', 'rectify', 'object'], true, ['erase', 'copy', 'rectify', 'restrict']],
    ['copy', ['access'], true, []],
    ['restrict', ['object'], false, []],
    ['rectify', ['rectify', 'restrict'], false, ['restrict']],
  ] as const)('says what %s leaves undone of %j', (outcome, kinds, copies, left) => {
    const input = answerInput({ recordings: [answered(1, { outcome })] });
    const request = { ...input.request, kinds };
    const answer = subjectAnswer({ ...input, request, person: { relation: 'self', copies } });
    expect(answer.recordings[0]?.not_done).toEqual(left);
  });

  it('takes a withdrawal for an erasure of what consent alone allows', () => {
    const recordings = [answered(1), answered(2, { basis: 'contract' })];
    const input = answerInput({ recordings });
    const answer = subjectAnswer({ ...input, request: { ...input.request, kinds: ['withdraw'] } });
    expect(answer.recordings.map(({ recording, not_done: left }) => [recording, left])).toEqual([
      [recordingId(1), ['erase']],
      [recordingId(2), []],
    ]);
  });
});
