// Marks and talk ratio, from generated peaks and from transcripts.
import { describe, expect, it } from 'vitest';
import { isCut, marksOf } from '../../../../src/console/player/content/marks.ts';
import type { Peaks } from '../../../../src/console/player/content/peaks.ts';
import { talkOf } from '../../../../src/console/player/content/talk.ts';
import { readTranscript } from '../../../../src/console/player/content/transcript.ts';

const STEP = 50;

/** Two lanes of `seconds`, loud within the lists of [from, to] seconds. */
function peaksOf(seconds: number, ...voices: readonly (readonly (readonly [number, number])[])[]): Peaks {
  const lanes = voices.map((voice) => {
    const lane = new Float32Array((seconds * 1000) / STEP).fill(0.005);
    for (const [from, to] of voice) lane.fill(0.5, (from * 1000) / STEP, (to * 1000) / STEP);
    return lane;
  });
  return { msPerPeak: STEP, lanes };
}

function linesOf(...segments: readonly (readonly [from: number, to: number, channel: number, text: string])[]) {
  const said = segments.map(([from, to, channel, text]) => ({
    ...{ start_ms: from * 1000, end_ms: to * 1000, channel, text },
  }));
  const json = JSON.stringify({ v: 1, language: 'en', segments: said });
  return readTranscript('application/vnd.callvault.transcript+json', json) ?? [];
}

const s = (start: number, end: number) => ({ start: start * 1000, end: end * 1000 });

describe('marks', () => {
  const peaks = peaksOf(
    40,
    [
      [0, 10],
      [20, 24],
    ],
    [
      [9, 12],
      [13, 15],
      [23.2, 30],
    ],
  );

  it('have silence longer than 3 seconds on both lanes, and cross-talk longer than one', () => {
    const { silences, crossTalk } = marksOf(peaks, [], 40_000);
    expect(silences).toEqual([s(15, 20), s(30, 40)]);
    expect(crossTalk).toEqual([]);
    const longer = marksOf(peaksOf(40, [[0, 10]], [[8.5, 12]]), [], 40_000);
    expect(longer.crossTalk).toEqual([s(8.5, 10)]);
  });

  it('distinguish a pause of the recording from silence, with its reason', () => {
    const lines = linesOf([0, 10, 0, 'Hello.'], [15, 20, 0, '[recording paused: PIN entry]']);
    const { silences, pauses } = marksOf(peaks, lines, 40_000);
    expect(pauses).toEqual([{ ...s(15, 20), reason: null, why: 'PIN entry' }]);
    expect(silences).toEqual([s(30, 40)]);
  });

  it('have the pauses of the facts, once where the transcript has the same, and within the call', () => {
    const lines = linesOf([0, 10, 0, 'Hello.'], [15, 20, 0, '[recording paused: PIN entry]']);
    const recorded = [
      { start_ms: 14_000, end_ms: 20_000, reason: 'payment-card' },
      { start_ms: 30_000, end_ms: 30_000, reason: 'privacy' },
      { start_ms: 39_000, end_ms: 99_000, reason: 'other' },
      { start_ms: 50_000, end_ms: 60_000, reason: 'other' },
    ];
    const { silences, pauses } = marksOf(peaks, lines, 40_000, recorded);
    expect(pauses).toEqual([
      { ...s(14, 20), reason: 'payment-card', why: null },
      { ...s(30, 30), reason: 'privacy', why: null },
      { ...s(39, 40), reason: 'other', why: null },
    ]);
    expect(pauses.map(isCut)).toEqual([false, true, false]);
    expect(silences).toEqual([s(30, 39)]);
    expect(marksOf(peaks, lines, 40_000, recorded.slice(1)).pauses[0]).toEqual({
      ...s(15, 20),
      reason: null,
      why: 'PIN entry',
    });
  });

  it('have redactions at their time, estimated inside the line without word times', () => {
    const { redactions } = marksOf(peaks, linesOf([0, 10, 1, '[手机号]12345']), 40_000);
    expect(redactions).toEqual([{ start: 0, end: 5000, channel: 1, what: 'phone' }]);
  });

  it('are none where nothing is known', () => {
    expect(marksOf(null, [], 40_000)).toEqual({
      ...{ silences: [], crossTalk: [], pauses: [], redactions: [], voices: [[], []] },
    });
    expect(talkOf(marksOf(null, [], 40_000), 40_000)).toBeNull();
  });

  it('have silence in mono sound too, with speakers from the transcript', () => {
    const mono = marksOf(peaksOf(40, [[0, 30]]), linesOf([0, 10, 0, 'One.'], [10, 30, 1, 'Two.']), 40_000);
    expect(mono.silences).toEqual([s(30, 40)]);
    expect(mono.voices).toEqual([[s(0, 10)], [s(10, 30)]]);
  });
});

describe('shares of talk', () => {
  it('are of the whole: agent only, customer only, silence, both', () => {
    const marks = marksOf(peaksOf(100, [[0, 57]], [[54, 88]]), [], 100_000);
    expect(talkOf(marks, 100_000)).toMatchObject({ agent: 54, customer: 31, silence: 12, crossTalk: 3 });
  });

  it('have the longest monologue, which an interjection does not end and a turn does', () => {
    const turns = marksOf(
      peaksOf(
        60,
        [
          [0, 10],
          [11, 20],
          [30, 45],
        ],
        [
          [10.2, 10.8],
          [21, 29],
        ],
      ),
      [],
      60_000,
    );
    expect(talkOf(turns, 60_000)?.monologue).toEqual({ ...s(0, 20), channel: 0 });
  });
});
