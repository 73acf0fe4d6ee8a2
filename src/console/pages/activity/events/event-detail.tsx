// Details of an event: facts in words, why it was allowed, and its proof.
import './event-detail.css';
import { Check, Copy, Download, ShieldCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { isAuditAction, type Member, memberOf } from '../../../../model/log/event-catalogue.ts';
import type { MemberKind } from '../../../../model/log/event-spec.ts';
import { CopyButton } from '../../../components/copy-button.tsx';
import { notify, notifyProblem } from '../../../components/notify.ts';
import { saveFile } from '../../../components/save-file.ts';
import { formatClock } from '../../../i18n/format-clock.ts';
import { useFormat } from '../../../i18n/use-format.ts';
import { useWords } from '../../../i18n/use-words.ts';
import type { SubjectFilter } from '../filters/filter.ts';
import { leafText } from '../log/check.ts';
import type { ActivityEvent } from '../log/queries.ts';
import { proofOf } from '../log/queries.ts';
import { type EventText, recordingOf, shortId } from './event-text.ts';
import { WhyAllowed } from './why-allowed.tsx';

type Props = {
  readonly event: ActivityEvent;
  readonly agrees: boolean;
  readonly sayings: EventText;
  readonly onAllOf: (named: Partial<SubjectFilter>) => void;
};

export function EventDetail({ event, agrees, sayings, onAllOf }: Props) {
  const { t } = useTranslation('activity');
  const recording = recordingOf(event);
  const person = event.actor !== null && event.actor.type !== 'system' ? event.actor.id : null;
  const listens = recording !== null && /^(access|grant|session)\./.test(event.action ?? '');
  return (
    <div className="exw">
      <div className="stack g3">
        <EventSentence event={event} />
        <Facts event={event} sayings={sayings} />
        <div className="row wrap">
          {recording === null ? null : (
            <button type="button" className="btn s" onClick={() => onAllOf({ recording, person: null })}>
              {t('detail.filter_recording')}
            </button>
          )}
          {person === null ? null : (
            <button type="button" className="btn s" onClick={() => onAllOf({ person, recording: null })}>
              {t('detail.filter_person')}
            </button>
          )}
        </div>
      </div>
      <div className="stack g3 ex-right">
        {listens ? <WhyAllowed event={event} recording={recording} sayings={sayings} /> : null}
        <Proof event={event} agrees={agrees} />
      </div>
    </div>
  );
}

function EventSentence({ event }: Pick<Props, 'event'>) {
  const { t } = useTranslation('activity');
  const words = useWords();
  const { detail, detail_state: state } = event;
  if (state === 'none') return null;
  return (
    <section className="stack g1">
      <h2>{t('detail.said')}</h2>
      {detail === null ? (
        <p className={state === 'differs' ? 'no' : 'dim'}>
          {t(state === 'opened' ? 'detail.nothing' : `detail.${state}`)}
        </p>
      ) : (
        <dl className="kv">
          {Object.entries(detail).map(([name, value]) => (
            <div key={name}>
              <dt>{words.field(name)}</dt>
              <dd className={name === 'reason' ? 'said' : ''}>{String(value)}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}

function Facts({ event, sayings }: Pick<Props, 'event' | 'sayings'>) {
  const { t } = useTranslation('activity');
  const words = useWords();
  const shown = useShownFact(event.action);
  if (event.object === null) return <p className="no">{t('faults.form')}</p>;
  const { type, id, ...rest } = event.object;
  const known = (one: string): string | null => sayings.name(one) ?? sayings.call(one);
  const facts = [['id', id] as const, ...Object.entries(rest)];
  return (
    <section className="stack g1">
      <h2>{words.kind(type)}</h2>
      <dl className="kv">
        {facts.map(([name, value]) => {
          const text = String(value);
          const isId = /^[a-z]{3}_[0-9a-z]{26}$/.test(text);
          return (
            <div key={name}>
              <dt>{words.field(memberNamed(event.action, name)?.name ?? name)}</dt>
              <dd>
                {isId ? (
                  <>
                    {known(text) === null ? null : <span>{known(text)}</span>}
                    <span className="mono">{shortId(text)}</span>
                    <CopyButton text={text} label={t('detail.copy_id', { id: shortId(text) })} />
                  </>
                ) : (
                  <span className="fact">{shown(name, text)}</span>
                )}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}

/** The catalogue's member of an event; null where the action or the member is of another version. */
function memberNamed(action: string | null, name: string): Member | null {
  return action === null || !isAuditAction(action) ? null : memberOf(action, name);
}

/** Of a key or a signature only the beginning is shown; the event is there to copy. */
const SHOWN_BASE64 = 24;

const ifNumber = (show: (value: number) => string) => (value: string) =>
  /^-?\d+$/.test(value) ? show(Number(value)) : value;

/** How a fact is shown follows from its kind in the event catalogue. */
function useShownFact(action: string | null): (name: string, value: string) => string {
  const format = useFormat();
  const words = useWords();
  const list = (word: (code: string) => string) => (value: string) => value.split(',').map(word).join(' · ');
  const byKind: Partial<Record<Extract<MemberKind, string>, (value: string) => string>> = {
    // An event that was tampered with may have anything here: it is shown as it is.
    time: (value) => (Number.isNaN(Date.parse(value)) ? value : format.dateTime(value)),
    milliseconds: ifNumber(formatClock),
    seconds: ifNumber((value) => formatClock(value * 1000)),
    number: ifNumber(format.number),
    base64: (value) => (value.length > SHOWN_BASE64 ? `${value.slice(0, SHOWN_BASE64)}…` : value),
    purpose: words.purpose,
    objects: list(words.object),
    roles: list(words.role),
  };
  return (name, value) => {
    const kind = memberNamed(action, name)?.kind;
    if (typeof kind === 'object') return name === 'reason' ? words.reason(value) : words.value(value);
    return (kind === undefined ? undefined : byKind[kind]?.(value)) ?? value;
  };
}

function Proof({ event, agrees }: Pick<Props, 'event' | 'agrees'>) {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const { index, hash, leaf } = event;
  const prove = async (): Promise<void> => {
    try {
      saveFile(`event-${index}.tlog-proof`, await proofOf(index, hash), 'text/plain');
    } catch (error) {
      notifyProblem(error);
    }
  };
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(leafText(leaf) ?? leaf);
    notify(t('detail.copied'));
  };
  return (
    <section className="stack g1">
      <h2>{t('detail.proof')}</h2>
      <dl className="kv">
        <div>
          <dt>{t('detail.index')}</dt>
          <dd className="num">{format.number(index)}</dd>
        </div>
        <div>
          <dt>{t('detail.hash')}</dt>
          <dd className="mono">{`${hash.slice(0, 8)}…${hash.slice(-6)}`}</dd>
        </div>
        <div>
          <dt>{t('detail.checked')}</dt>
          <dd className={agrees ? 'yes m' : 'dim'}>
            {agrees ? (
              <>
                <Check className="i s" />
                {t('detail.agrees')}
              </>
            ) : (
              '–'
            )}
          </dd>
        </div>
      </dl>
      <div className="row wrap">
        <button type="button" className="btn s" onClick={() => void copy()}>
          <Copy className="i s" />
          {t('detail.copy')}
        </button>
        <button
          type="button"
          className="btn s"
          onClick={() => saveFile(`event-${index}.json`, JSON.stringify({ index, leaf, hash }, null, 2))}
        >
          <Download className="i s" />
          {t('detail.download')}
        </button>
        <button type="button" className="btn s" onClick={() => void prove()}>
          <ShieldCheck className="i s" />
          {t('detail.prove')}
        </button>
      </div>
    </section>
  );
}
