// Cards for states, access codes and problems: catalogue name of the text, tone, next step.
import type { Failure } from '../session/player-state.ts';

export type CardTone = 'calm' | 'wait' | 'no';
export type CardStep = 'ask' | 'retry' | 'end-others' | 'recordings' | 'my-access' | 'who' | 'none';
export type Card = {
  /** Name of its texts in the catalogue. */
  readonly text: CardText;
  readonly tone: CardTone;
  readonly step: CardStep;
};
export type CardText =
  | ('expired' | 'revoked' | 'suspended' | 'finished' | 'erased' | 'keyService' | 'integrity')
  | (
      | 'unsupported'
      | 'overloaded'
      | 'held'
      | 'damaged'
      | 'usedUp'
      | 'offline'
      | 'unreachable'
      | 'unknown'
      | 'signedOut'
      | 'noAudio'
    )
  | ('setAside' | 'notAllowed' | 'outsideHours' | 'usedToday' | 'tooManyLive' | 'tooFast');

const CARDS: Readonly<Record<CardText, Omit<Card, 'text'>>> = {
  expired: { tone: 'calm', step: 'ask' },
  revoked: { tone: 'no', step: 'my-access' },
  suspended: { tone: 'no', step: 'who' },
  finished: { tone: 'calm', step: 'ask' },
  erased: { tone: 'calm', step: 'recordings' },
  keyService: { tone: 'wait', step: 'retry' },
  integrity: { tone: 'no', step: 'recordings' },
  unsupported: { tone: 'calm', step: 'recordings' },
  overloaded: { tone: 'wait', step: 'retry' },
  held: { tone: 'no', step: 'who' },
  damaged: { tone: 'no', step: 'recordings' },
  usedUp: { tone: 'calm', step: 'ask' },
  offline: { tone: 'wait', step: 'retry' },
  unreachable: { tone: 'wait', step: 'retry' },
  unknown: { tone: 'no', step: 'retry' },
  signedOut: { tone: 'calm', step: 'none' },
  noAudio: { tone: 'calm', step: 'recordings' },
  setAside: { tone: 'no', step: 'recordings' },
  notAllowed: { tone: 'calm', step: 'ask' },
  outsideHours: { tone: 'calm', step: 'recordings' },
  usedToday: { tone: 'calm', step: 'recordings' },
  tooManyLive: { tone: 'calm', step: 'end-others' },
  tooFast: { tone: 'wait', step: 'retry' },
};

const CODES: Readonly<Record<string, CardText>> = {
  key_service_unavailable: 'keyService',
  key_zeroed: 'keyService',
  key_refused: 'suspended',
  tenant_suspended: 'suspended',
  integrity: 'integrity',
  blob_missing: 'damaged',
  format_unknown: 'damaged',
  erased: 'erased',
  not_available: 'noAudio',
  store_unavailable: 'overloaded',
  database_busy: 'overloaded',
  database_unavailable: 'overloaded',
  audit_unavailable: 'overloaded',
  clock_differs: 'overloaded',
  log_held: 'held',
  grant_consumed: 'usedUp',
  recording_not_available: 'noAudio',
  quarantined: 'setAside',
  role_not_allowed: 'notAllowed',
  purpose_not_allowed: 'notAllowed',
  basis_insufficient: 'notAllowed',
  consent_withdrawn: 'notAllowed',
  consent_not_stated: 'notAllowed',
  consent_not_noticed: 'notAllowed',
  notice_unknown: 'notAllowed',
  separate_consent_missing: 'notAllowed',
  restricted: 'notAllowed',
  class_not_allowed: 'notAllowed',
  outside_hours: 'outsideHours',
  daily_sessions: 'usedToday',
  daily_minutes: 'usedToday',
  too_many_live: 'tooManyLive',
  too_fast: 'tooFast',
  training_missing: 'notAllowed',
  training_expired: 'notAllowed',
  not_your_grant: 'notAllowed',
  person_off: 'signedOut',
  grant_expired: 'expired',
  session_expired: 'expired',
  grant_revoked: 'revoked',
  session_revoked: 'revoked',
  session_suspended: 'suspended',
  session_key: 'suspended',
  session_erased: 'erased',
  session_closed: 'finished',
  unauthenticated: 'signedOut',
  credential_ended: 'signedOut',
  unsupported: 'unsupported',
  offline: 'offline',
  unreachable: 'unreachable',
};

/** Card of a code; the card of an unknown code shows the request id. */
export function cardForCode(code: string): Card {
  const text = CODES[code] ?? 'unknown';
  return { text, ...CARDS[text] };
}

/** Card of an end state. */
export function cardForEnd(text: 'expired' | 'revoked' | 'suspended' | 'finished' | 'erased'): Card {
  return { text, ...CARDS[text] };
}

/**
 * Seconds until the automatic retry of a failure; null without one. An offline failure waits for the connection
 * instead.
 */
export function retryDelay({ code, retryAfter }: Failure): number | null {
  const { text, step } = cardForCode(code);
  return step === 'retry' && text !== 'unknown' && text !== 'offline'
    ? Math.min(60, Math.max(1, retryAfter ?? 8))
    : null;
}
