// Which card stands for a state, an access code or a problem: its text's name, its tone, its one next step.
import type { Failure } from '../session/player-state.ts';

export type CardTone = 'calm' | 'wait' | 'no';
export type CardStep = 'ask' | 'retry' | 'recordings' | 'my-access' | 'who' | 'none';
export type Card = {
  /** The name of its texts in the catalogue. */
  readonly text: CardText;
  readonly tone: CardTone;
  readonly step: CardStep;
};
export type CardText =
  | ('expired' | 'revoked' | 'suspended' | 'finished' | 'erased' | 'held' | 'redacting' | 'keyService' | 'integrity')
  | (
      | 'unsupported'
      | 'overloaded'
      | 'damaged'
      | 'usedUp'
      | 'offline'
      | 'unreachable'
      | 'unknown'
      | 'signedOut'
      | 'noAudio'
    )
  | ('setAside' | 'notAllowed');

const CARDS: Readonly<Record<CardText, Omit<Card, 'text'>>> = {
  expired: { tone: 'calm', step: 'ask' },
  revoked: { tone: 'no', step: 'my-access' },
  suspended: { tone: 'no', step: 'who' },
  finished: { tone: 'calm', step: 'ask' },
  erased: { tone: 'calm', step: 'recordings' },
  held: { tone: 'calm', step: 'ask' },
  redacting: { tone: 'wait', step: 'recordings' },
  keyService: { tone: 'wait', step: 'retry' },
  integrity: { tone: 'no', step: 'recordings' },
  unsupported: { tone: 'calm', step: 'recordings' },
  overloaded: { tone: 'wait', step: 'retry' },
  damaged: { tone: 'no', step: 'recordings' },
  usedUp: { tone: 'calm', step: 'ask' },
  offline: { tone: 'wait', step: 'retry' },
  unreachable: { tone: 'wait', step: 'retry' },
  unknown: { tone: 'no', step: 'retry' },
  signedOut: { tone: 'calm', step: 'none' },
  noAudio: { tone: 'calm', step: 'recordings' },
  setAside: { tone: 'no', step: 'recordings' },
  notAllowed: { tone: 'calm', step: 'ask' },
};

const CODES: Readonly<Record<string, CardText>> = {
  key_service_unavailable: 'keyService',
  key_zeroed: 'keyService',
  key_refused: 'suspended',
  key_disabled: 'suspended',
  tenant_suspended: 'suspended',
  integrity: 'integrity',
  blob_missing: 'damaged',
  format_unknown: 'damaged',
  erased: 'erased',
  legal_hold: 'held',
  on_hold: 'held',
  redaction_pending: 'redacting',
  not_available: 'noAudio',
  store_unavailable: 'overloaded',
  database_busy: 'overloaded',
  database_unavailable: 'overloaded',
  audit_unavailable: 'overloaded',
  grant_consumed: 'usedUp',
  recording_not_available: 'noAudio',
  quarantined: 'setAside',
  role_not_allowed: 'notAllowed',
  purpose_not_allowed: 'notAllowed',
  basis_insufficient: 'notAllowed',
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

/** The card of a code; one that is not known says so, with the id of its request. */
export function cardForCode(code: string): Card {
  const text = CODES[code] ?? 'unknown';
  return { text, ...CARDS[text] };
}

/** The card of a state that ended. */
export function cardForEnd(text: 'expired' | 'revoked' | 'suspended' | 'finished' | 'erased'): Card {
  return { text, ...CARDS[text] };
}

/** Whether a failure is tried again by itself, and after how many seconds. Offline one waits for the connection instead. */
export function retryDelay({ code, retryAfter }: Failure): number | null {
  const { text, step } = cardForCode(code);
  return step === 'retry' && text !== 'unknown' && text !== 'offline'
    ? Math.min(60, Math.max(1, retryAfter ?? 8))
    : null;
}
