// Cards of the player without sound: what happened, what is safe, one next step.
import './state-cards.css';
import { Link } from '@tanstack/react-router';
import {
  Clock3,
  KeyRound,
  LockKeyhole,
  type LucideIcon,
  ShieldAlert,
  Square,
  Trash2,
  TriangleAlert,
  VolumeX,
  WifiOff,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Grant } from '../../api/types.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { clockStart } from '../../components/grant-clock.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { UserText } from '../../components/user-text.tsx';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useStore } from '../../state/store.ts';
import { draftOf, isUnsaved } from '../comments/drafts.ts';
import type { Failure } from '../session/player-state.ts';
import type { EndedSession } from '../session/use-listening.ts';
import { type Card, type CardText, cardForCode, cardForEnd, retryDelay } from './cards.ts';
import { EndOthers } from './end-others.tsx';
import { useRetry, useRetryOnline } from './use-retry.ts';

const ICONS: Readonly<Record<CardText, LucideIcon>> = {
  expired: Clock3,
  revoked: Square,
  suspended: LockKeyhole,
  finished: Square,
  erased: Trash2,
  keyService: KeyRound,
  integrity: ShieldAlert,
  unsupported: VolumeX,
  overloaded: TriangleAlert,
  held: ShieldAlert,
  damaged: ShieldAlert,
  usedUp: Clock3,
  offline: WifiOff,
  unreachable: TriangleAlert,
  unknown: TriangleAlert,
  signedOut: LockKeyhole,
  noAudio: VolumeX,
  setAside: ShieldAlert,
  notAllowed: LockKeyhole,
  outsideHours: Clock3,
  usedToday: Clock3,
  tooManyLive: Square,
  tooFast: Clock3,
};
const TONES = { calm: 'plain', wait: 'wait', no: 'no' } as const;

type EndedProps = {
  readonly name: 'expired' | 'revoked' | 'suspended' | 'finished' | 'erased';
  readonly recording: string;
  readonly over: EndedSession | null;
  readonly grant: Grant | undefined;
  readonly tenant: string;
  /** Opens a session; null if the grant can open none. */
  readonly onListen: (() => void) | null;
};

/** Card for the end of listening. */
export function EndedCard({ name, recording, over, grant, tenant, onListen }: EndedProps) {
  const { t } = useTranslation('player');
  const format = useFormat();
  const card = cardForEnd(name);
  const revoked = grant?.revoked ?? null;
  const facts = {
    minutes:
      over === null
        ? 0
        : Math.round(
            (Date.parse(over.ends) - (grant === undefined ? Date.parse(over.opened) : clockStart(grant))) / 60_000,
          ),
    time: format.near(revoked?.at ?? over?.ends ?? new Date().toISOString()),
    heard: t('card.share_heard', { share: over?.heardPercent ?? 0 }),
    name: revoked?.by.name ?? '',
    tenant,
  };
  const named = name === 'revoked' && revoked !== null;
  return (
    <StateCardBody
      card={card}
      title={t(named ? 'card.revoked.title_by' : `card.${name}.title`, facts)}
      recording={recording}
      onListen={onListen}
    >
      {named && revoked.reason !== null ? (
        <UserText text={t('card.revoked.reason', { reason: revoked.reason })} />
      ) : null}
      {t(`card.${name}.text`, facts)}
    </StateCardBody>
  );
}

type FailedProps = {
  readonly failure: Failure;
  readonly recording: string;
  readonly tenant: string;
  readonly onRetry: () => void;
};

/** Card for a failure, with a visible countdown where an automatic retry can help. */
export function FailedCard({ failure, recording, tenant, onRetry }: FailedProps) {
  const { t } = useTranslation('player');
  const card = cardForCode(failure.code);
  const left = useRetry(retryDelay(failure), onRetry);
  useRetryOnline(onRetry);
  const at = failure.at === null ? '' : formatClock(failure.at);
  const withPlace = card.text === 'integrity' && failure.at !== null;
  return (
    <StateCardBody
      card={card}
      title={t(withPlace ? 'card.integrity.title_at' : `card.${card.text}.title`, { at, tenant })}
      recording={recording}
      requestId={failure.request}
      onRetry={onRetry}
    >
      {t(`card.${card.text}.text`, { tenant, time: '', minutes: 0, heard: '', name: '' })}
      {left === null ? null : t('card.again_in', { count: left })}
    </StateCardBody>
  );
}

type StateCardBodyProps = {
  readonly card: Card;
  readonly title: string;
  readonly recording: string;
  readonly requestId?: string | null;
  readonly onRetry?: () => void;
  readonly onListen?: (() => void) | null;
  readonly children: React.ReactNode;
};

function StateCardBody({
  card,
  title,
  recording,
  requestId = null,
  onRetry,
  onListen = null,
  children,
}: StateCardBodyProps) {
  const { t } = useTranslation('player');
  const step = onListen !== null && card.step === 'ask' ? 'listen' : card.step;
  const steps = {
    listen: (
      <button type="button" className="btn s p" onClick={onListen ?? undefined}>
        {t('step.listen')}
      </button>
    ),
    ask: (
      <Link to="/recordings/$id/ask" params={{ id: recording }} className="btn s p">
        {t('step.ask')}
      </Link>
    ),
    retry: (
      <button type="button" className="btn s" onClick={onRetry}>
        {t('step.retry')}
      </button>
    ),
    'end-others': <EndOthers recording={recording} onEnded={onRetry} />,
    recordings: (
      <Link to="/recordings" className="btn s">
        {t('step.recordings')}
      </Link>
    ),
    'my-access': (
      <Link to="/access" className="btn s">
        {t('step.my_access')}
      </Link>
    ),
    who: (
      <Link to="/help" className="btn s">
        {t('step.who')}
      </Link>
    ),
    none: undefined,
  };
  return (
    <>
      <StateCard
        icon={ICONS[card.text]}
        tone={TONES[card.tone]}
        title={title}
        action={steps[step]}
        requestId={requestId}
      >
        {children}
      </StateCard>
      <KeptDraft recording={recording} />
    </>
  );
}

/** Typed text that was not saved when listening ended. */
export function KeptDraft({ recording }: { readonly recording: string }) {
  const { t } = useTranslation('player');
  const draft = useStore(draftOf(recording));
  const { text, start } = draft;
  if (text.trim() === '' || !isUnsaved(draft)) return null;
  return (
    <section className="card kept" aria-label={t('kept')}>
      <div className="row">
        <h2>{t('kept')}</h2>
        {start === null ? null : <span className="mute">{formatClock(start)}</span>}
        <span className="grow" />
        <CopyButton text={text} label={t('copy_kept')} />
      </div>
      <p className="dim">{t('kept_text')}</p>
      <p className="kept-words">{text}</p>
    </section>
  );
}

/** Placeholder while the session opens, in the shape of the coming content. */
export function OpeningCard() {
  const { t } = useTranslation('player');
  return (
    <section className="card opening" role="status">
      <div className="row">
        <span className="spin" aria-hidden="true" />
        <span className="m">{t('opening')}</span>
        <span className="grow" />
        <span className="mute">{t('opening_hint')}</span>
      </div>
      <span className="opening-wave" aria-hidden="true" />
    </section>
  );
}
