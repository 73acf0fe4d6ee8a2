// State machine of the player, countdown and cards.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announcementAt, timeLeft, urgencyOf } from '../../../../src/console/player/session/countdown.ts';
import {
  FIRST_STATE,
  isLive,
  nextState,
  type PlayerEvent,
  type PlayerState,
} from '../../../../src/console/player/session/player-state.ts';
import { cardForCode, cardForEnd, retryDelay } from '../../../../src/console/player/states/cards.ts';

const failure = { code: 'key_service_unavailable', request: 'r', retryAfter: 8, at: null };

function stateAfter(...happenings: readonly PlayerEvent[]): PlayerState {
  return happenings.reduce(nextState, FIRST_STATE);
}

const LISTENING: readonly PlayerEvent[] = [
  { type: 'standing', standing: 'pending' },
  { type: 'standing', standing: 'listen' },
  { type: 'open' },
  { type: 'opened', playing: false },
  { type: 'play' },
];

describe('the states', () => {
  it('go from asking to listening to the last minute to the end', () => {
    const names = LISTENING.map((_, n) => stateAfter(...LISTENING.slice(0, n + 1)).name);
    expect(names).toEqual(['requested', 'approved', 'opening', 'ready', 'playing']);
    const last = stateAfter(...LISTENING, { type: 'last-minute' });
    expect(last).toEqual({ name: 'expiring', playing: true, buffering: false });
    expect(nextState(last, { type: 'pause' })).toEqual({ name: 'expiring', playing: false, buffering: false });
    expect(nextState(last, { type: 'ended', why: 'expired' }).name).toBe('expired');
  });

  it.each([
    ['revoked', 'revoked'],
    ['suspended', 'suspended'],
    ['key', 'suspended'],
    ['erased', 'erased'],
    ['closed', 'finished'],
    ['expired', 'expired'],
  ] as const)('end by %s as %s', (why, name) => {
    expect(stateAfter(...LISTENING, { type: 'ended', why }).name).toBe(name);
  });

  it('play at once if playback was requested before the sound was loaded', () => {
    const opening = stateAfter(...LISTENING.slice(0, 3));
    expect(nextState(opening, { type: 'opened', playing: true })).toEqual({
      ...{ name: 'playing', playing: true, buffering: false },
    });
  });

  it('go back to what there is to offer where there was no session to go on with', () => {
    const opening = stateAfter({ type: 'open' });
    for (const [standing, name] of [
      ['listen', 'approved'],
      ['pending', 'requested'],
      ['other', 'none'],
    ] as const) {
      expect(nextState(opening, { type: 'not-resumed', standing }).name).toBe(name);
    }
    const playing = stateAfter(...LISTENING);
    expect(nextState(playing, { type: 'not-resumed', standing: 'other' })).toBe(playing);
  });

  it('fail with the failure, and open again from there', () => {
    const failed = stateAfter(...LISTENING, { type: 'failed', failure });
    expect(failed).toEqual({ name: 'error', failure });
    expect(nextState(failed, { type: 'retry' }).name).toBe('opening');
  });

  it('stay ended: a late event brings no content back', () => {
    const late: readonly PlayerEvent[] = [
      ...LISTENING.slice(3),
      ...([{ type: 'failed', failure }, { type: 'last-minute' }, { type: 'buffering' }] as const),
      { type: 'standing', standing: 'other' },
    ];
    for (const why of ['expired', 'revoked', 'suspended', 'erased', 'closed'] as const) {
      const over = stateAfter(...LISTENING, { type: 'ended', why });
      fc.assert(
        fc.property(fc.array(fc.constantFrom(...late)), (happenings) => {
          expect(happenings.reduce(nextState, over)).toBe(over);
        }),
      );
      expect(isLive(over)).toBe(false);
    }
  });

  it('are the same object where nothing changes', () => {
    const playing = stateAfter(...LISTENING);
    expect(nextState(playing, { type: 'play' })).toBe(playing);
    expect(nextState(playing, { type: 'standing', standing: 'other' })).toBe(playing);
    expect(nextState(playing, { type: 'open' })).toBe(playing);
  });
});

describe('the countdown', () => {
  it('goes by the clock of the server', () => {
    expect(timeLeft(60_000, 10_000, 1000)).toBe(49_000);
    expect(timeLeft(60_000, 70_000, 0)).toBe(0);
  });

  it('announces five minutes, one minute and twenty seconds, once each', () => {
    const said = [];
    for (let left = 400_000; left >= 0; left -= 250) {
      const one = announcementAt(left + 250, left);
      if (one !== null) said.push(`${one} ${left}`);
    }
    expect(said).toEqual(['five 300000', 'one 60000', 'twenty 20000']);
  });

  it('announces only the latest after a sleep, and nothing after the end', () => {
    expect(announcementAt(400_000, 50_000)).toBe('one');
    expect(announcementAt(400_000, 0)).toBeNull();
  });

  it('turns amber, then red', () => {
    expect([300_001, 300_000, 60_000, 0].map(urgencyOf)).toEqual(['calm', 'soon', 'last', 'over']);
  });
});

describe('the cards', () => {
  it('have a specific text for a denial, and the request id for an unknown code', () => {
    expect(cardForCode('session_revoked')).toEqual(cardForEnd('revoked'));
    expect(cardForCode('key_service_unavailable')).toMatchObject({ text: 'keyService', tone: 'wait', step: 'retry' });
    expect(cardForCode('never_heard_of')).toMatchObject({ text: 'unknown' });
  });

  it('try again by themselves only where waiting helps', () => {
    expect(retryDelay(failure)).toBe(8);
    expect(retryDelay({ ...failure, retryAfter: 600 })).toBe(60);
    expect(retryDelay({ ...failure, code: 'integrity' })).toBeNull();
    expect(retryDelay({ ...failure, code: 'internal' })).toBeNull();
  });
});
