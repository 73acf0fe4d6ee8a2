// Positions on the tracks, the time in an address, and drafts that outlive the player.
import { describe, expect, it } from 'vitest';
import { readRecordingSearch } from '../../../src/console/pages/recording/search-params.ts';
import { draftOf, NO_DRAFT } from '../../../src/console/player/comments/drafts.ts';
import { initialZoom, leftPercent, spanStyle } from '../../../src/console/player/timeline/scale.ts';

describe('the scale', () => {
  it('puts times on the tracks, and none outside', () => {
    expect(leftPercent(96_000, 384_000)).toBe('25.000%');
    expect(leftPercent(-5, 384_000)).toBe('0.000%');
    expect(leftPercent(999_999, 384_000)).toBe('100.000%');
    expect(leftPercent(5, 0)).toBe('0.000%');
    expect(spanStyle({ start: 0, end: 192_000 }, 384_000)).toEqual({ left: '0.000%', width: '50.000%' });
  });

  it('shows the whole call up to a quarter of an hour, and ten minutes of a longer one', () => {
    expect(initialZoom(900_000)).toBe(1);
    expect(initialZoom(3_600_000)).toBe(6);
  });
});

describe('the address of a moment', () => {
  it('is a number of seconds, and nothing else', () => {
    expect(readRecordingSearch({ t: '83.5' })).toEqual({ t: 83.5 });
    for (const t of ['-1', 'x', '', null, {}]) expect(readRecordingSearch({ t })).toEqual({});
  });
});

describe('a draft', () => {
  it('stays with its recording until it is removed', () => {
    draftOf('rec_1').set({ ...NO_DRAFT, text: 'half a thought' });
    expect(draftOf('rec_1').get().text).toBe('half a thought');
    expect(draftOf('rec_2').get()).toBe(NO_DRAFT);
  });
});
