// Result of the log check: one sentence, then each part that was checked in this browser.
import './check-card.css';
import { Check, ChevronDown, ChevronUp, Download, RefreshCw, ShieldAlert, ShieldCheck, X } from 'lucide-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../../api/current-user.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { CHECK_STEPS, type CheckStep, stepOf } from '../check-steps.ts';
import type { Checked, Fault } from '../log/check.ts';
import { AnchorLine } from './anchor-line.tsx';
import type { FinishedCheck, WholeLogCheck } from './use-check.ts';
import { VerifierKey } from './verifier-key.tsx';

type Props = {
  readonly shown: FinishedCheck | null;
  readonly narrowed: boolean;
  readonly whole: WholeLogCheck;
  readonly log: string | null;
  /** The verifier key of the log that the reader entered; null for none. */
  readonly verifier: string | null;
  readonly onGo: (index: number) => void;
  readonly onSave: () => void;
};

/** Faults are listed up to this number; more are only counted. */
const MAX_LISTED = 5;

export function CheckCard({ shown, narrowed, whole, log, verifier, onGo, onSave }: Props) {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const [opened, setOpened] = useState(false);
  const rest = useId();
  const held = useMe().tenant.held !== null;
  const done = whole.done ?? shown;
  if (done === null) return null;
  const { checked, seconds } = done;
  const { count, faults, first } = checked;
  const wrong = [...new Set(faults.map(({ seq }) => seq))];
  const bad = wrong.length > 0;
  const since = first?.at ?? null;
  const sentence = (): string => {
    if (whole.running !== null) return t('check.running', { count: whole.running });
    if (bad) return t('check.bad', { count: wrong.length });
    if (count === 0) return t('check.none');
    if (whole.done !== null) return t('check.whole', { count, date: since === null ? '' : format.date(since) });
    return narrowed ? t('check.shown_filtered', { count }) : t('check.shown', { count });
  };
  const Icon = bad ? ShieldAlert : ShieldCheck;
  // Collapsed to its sentence on small screens, unless there is a fault.
  const brief = !opened && !bad && whole.running === null;
  const Chevron = brief ? ChevronDown : ChevronUp;
  return (
    <section className={`card ver ${bad ? 'noline' : 'okline'} ${brief ? 'brief' : ''}`} aria-label={t('check.run')}>
      <div className="row g4 ver-head">
        <span className={`ver-ic ${bad ? 'no' : ''}`}>
          <Icon className="i l" />
        </span>
        <div className="grow">
          <p className="ver-say" role="status">
            {sentence()}
          </p>
          <div className="ver-more" id={rest}>
            <p className="dim">{t('check.when', { seconds: Math.max(seconds, 0.01).toFixed(2) })}</p>
            <p className="sub-text">{t('check.limits')}</p>
          </div>
        </div>
        <button
          type="button"
          className="btn q s sq narrow-only"
          aria-expanded={!brief}
          aria-controls={rest}
          aria-label={t('check.details')}
          onClick={() => setOpened(brief)}
        >
          <Chevron className="i s" />
        </button>
      </div>
      <div className="row ver-act">
        <button type="button" className="btn" disabled={count === 0} onClick={onSave}>
          <Download className="i s" />
          {t('check.download')}
        </button>
        {whole.running === null ? (
          <button type="button" className="btn p" onClick={whole.start}>
            <RefreshCw className="i s" />
            {whole.done === null ? t('check.run') : t('check.again')}
          </button>
        ) : (
          <button type="button" className="btn" onClick={whole.stop}>
            <LegendSquare />
            {t('check.stop')}
          </button>
        )}
      </div>
      <CheckedItems done={done} narrowed={narrowed} />
      {held ? null : <AnchorLine />}
      {log === null ? null : <VerifierKey log={log} known={verifier} />}
      {bad ? (
        <ul className="ver-bad">
          {wrong.slice(0, MAX_LISTED).map((index) => (
            <li key={index} className="row">
              <X className="i s no" />
              <span className="grow">
                <b className="num">{format.number(index)}</b>{' '}
                {codesOf(faults, index).map((code, n) => (
                  <span key={code} className={n === 0 ? '' : 'sub-text'}>
                    {t(`faults.${code}`)}
                  </span>
                ))}
              </span>
              <button type="button" className="btn s q" onClick={() => onGo(index)}>
                {t('check.go', { index: format.number(index) })}
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}

function codesOf(faults: Checked['faults'], index: number): readonly Fault[] {
  return faults.filter(({ seq }) => seq === index).map(({ code }) => code);
}

function LegendSquare() {
  return <span className="stop-mark" aria-hidden="true" />;
}

function CheckedItems({ done, narrowed }: { readonly done: FinishedCheck; readonly narrowed: boolean }) {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const { count, first, last, listens, faults, sealed } = done.checked;
  const range = { first: format.number(first?.index ?? 0), last: format.number(last?.index ?? 0) };
  const { whole } = done;
  const contiguous = whole !== null || !narrowed;
  const later = { text: t('check.later'), ran: false };
  const policyText = (count: number | null) =>
    count === null
      ? { text: t('check.policy_missing'), ran: false }
      : { text: t('check.policy_text', { count }), ran: true };
  const signedText = (signed: boolean | null) =>
    signed === true
      ? { text: t('check.signed_text'), ran: true }
      : { text: t(signed === null ? 'check.signed_missing' : 'check.signed_not'), ran: false };
  const steps: Readonly<Record<CheckStep, { readonly text: string; readonly ran: boolean }>> = {
    hashes: { text: t('check.hashes_text', { count }), ran: true },
    indices: contiguous
      ? { text: t('check.indices_text', range), ran: true }
      : { text: t('check.indices_filtered'), ran: false },
    place: { text: t('check.place_text'), ran: true },
    time: { text: t('check.time_text'), ran: true },
    approved: whole !== null ? { text: t('check.approved_text', { count: listens }), ran: true } : later,
    order: whole !== null ? { text: t('check.order_text'), ran: true } : later,
    sealed:
      whole === null
        ? later
        : sealed === null
          ? { text: t('check.unsealed'), ran: false }
          : { text: t('check.sealed_text', { count: sealed.size }), ran: true },
    credentials: whole !== null ? { text: t('check.credentials_text'), ran: true } : later,
    passkeys: whole === null ? later : { text: t('check.passkeys_text', { count: whole.signatures }), ran: true },
    policy: whole === null ? later : policyText(whole.policies),
    signed: whole === null ? later : signedText(sealed?.signed ?? null),
  };
  return (
    <ol className="vss">
      {CHECK_STEPS.map((step) => {
        const { text, ran } = steps[step];
        const bad = faults.filter(({ code }) => stepOf(code) === step).length;
        return (
          <li key={step} className={`vs ${bad > 0 ? 'bad' : ran ? '' : 'open'}`}>
            <span className="st">{bad > 0 ? <X className="i" /> : ran ? <Check className="i" /> : null}</span>
            <span>
              <span className="m">{t(`check.${step}`)}</span>
              <span className="sub-text">{bad > 0 ? t('check.found', { count: bad }) : text}</span>
            </span>
          </li>
        );
      })}
    </ol>
  );
}
