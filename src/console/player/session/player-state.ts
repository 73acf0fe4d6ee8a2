// State machine of the player card, without side effects.

/** Why listening ended, as the service names it. */
export type EndReason = 'closed' | 'expired' | 'revoked' | 'suspended' | 'key' | 'erased' | 'signed-out';

/** Why something failed: a code of the service, with the request id if there is one. */
export type Failure = {
  readonly code: string;
  readonly request: string | null;
  /** Seconds until the automatic retry; null if only a person can retry. */
  readonly retryAfter: number | null;
  /** Position in the recording. */
  readonly at: number | null;
};

export type PlayerState =
  | { readonly name: 'none' | 'requested' | 'approved' | 'opening' }
  | { readonly name: 'ready' | 'playing' | 'expiring'; readonly playing: boolean; readonly buffering: boolean }
  | { readonly name: 'expired' | 'revoked' | 'suspended' | 'finished' | 'erased' }
  | { readonly name: 'error'; readonly failure: Failure };

export type PlayerEvent =
  | { readonly type: 'standing' | 'not-resumed'; readonly standing: 'listen' | 'pending' | 'other' }
  | { readonly type: 'open' | 'play' | 'pause' | 'buffering' | 'flowing' | 'last-minute' | 'extended' | 'retry' }
  /** Playback may have been requested before any sound was loaded. */
  | { readonly type: 'opened'; readonly playing: boolean }
  | { readonly type: 'ended'; readonly why: EndReason }
  | { readonly type: 'failed'; readonly failure: Failure };

export const FIRST_STATE: PlayerState = { name: 'none' };

/** Whether content of the recording may be on the page. */
export function isLive(state: PlayerState): state is Extract<PlayerState, { readonly playing: boolean }> {
  return state.name === 'ready' || state.name === 'playing' || state.name === 'expiring';
}

/** Next state; the same object if nothing changes. */
export function nextState(state: PlayerState, happening: PlayerEvent): PlayerState {
  switch (happening.type) {
    case 'standing':
      return onAccessState(state, happening.standing);
    case 'not-resumed':
      return state.name === 'opening' ? onAccessState(FIRST_STATE, happening.standing) : state;
    case 'open':
      return isLive(state) || state.name === 'opening' ? state : { name: 'opening' };
    case 'opened':
      return state.name === 'opening' ? opened(happening.playing) : state;
    case 'retry':
      return state.name === 'error' ? { name: 'opening' } : state;
    case 'failed':
      // An ended session stays ended, whatever a late response reports.
      return isLive(state) || state.name === 'opening' || state.name === 'approved'
        ? { name: 'error', failure: happening.failure }
        : state;
    case 'ended':
      return isLive(state) || state.name === 'opening' || state.name === 'error'
        ? { name: STATE_OF_END[happening.why] }
        : state;
    case 'play':
    case 'pause':
    case 'buffering':
    case 'flowing':
    case 'last-minute':
    case 'extended':
      return isLive(state) ? whileLive(state, happening.type) : state;
  }
}

function opened(playing: boolean): PlayerState {
  return { name: playing ? 'playing' : 'ready', playing, buffering: false };
}

const STATE_OF_END = {
  closed: 'finished',
  expired: 'expired',
  revoked: 'revoked',
  suspended: 'suspended',
  key: 'suspended',
  erased: 'erased',
  'signed-out': 'finished',
} as const satisfies Record<EndReason, PlayerState['name']>;

function onAccessState(state: PlayerState, standing: 'listen' | 'pending' | 'other'): PlayerState {
  if (isLive(state) || state.name === 'opening') return state;
  const name = standing === 'listen' ? 'approved' : standing === 'pending' ? 'requested' : 'none';
  // The reason stays on the page until the next state replaces it.
  const over = state.name !== 'none' && state.name !== 'requested' && state.name !== 'approved';
  if (over && name === 'none') return state;
  return state.name === name ? state : { name };
}

type Live = Extract<PlayerState, { readonly playing: boolean }>;

type WhileLive = 'play' | 'pause' | 'buffering' | 'flowing' | 'last-minute' | 'extended';

function whileLive(state: Live, type: WhileLive): PlayerState {
  const playing = type === 'play' ? true : type === 'pause' ? false : state.playing;
  const buffering = type === 'buffering' ? true : type === 'flowing' || type === 'pause' ? false : state.buffering;
  const running = playing ? 'playing' : 'ready';
  const isLast = type === 'last-minute' || (state.name === 'expiring' && type !== 'extended');
  const name = isLast ? 'expiring' : running;
  const same = name === state.name && playing === state.playing && buffering === state.buffering;
  return same ? state : { name, playing, buffering };
}
