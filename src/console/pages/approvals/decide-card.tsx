// Decision on a request: optionally less time or scope than requested, then approve or deny.
import { useDisclosure } from '@mantine/hooks';
import { KeyRound } from 'lucide-react';
import { type RefObject, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { useNow } from '../../api/server-clock.ts';
import { proofOf } from '../../api/step-up.ts';
import type { AccessRequestView } from '../../api/types.ts';
import { NoPasskey } from '../../components/no-passkey.tsx';
import { ReasonModal } from '../../components/reason-modal.tsx';
import { useShortcuts } from '../../components/use-shortcuts.ts';
import { formatClock } from '../../i18n/format-clock.ts';
import { useWords } from '../../i18n/use-words.ts';
import { settings } from '../../state/settings.ts';
import { useStore } from '../../state/store.ts';
import { ClockPick, clockLimitsOf, SignedLine, WHOLE_CLOCK } from './clock-pick.tsx';
import { PasskeyFailed } from './passkey-failed.tsx';
import { useButtonsReady, useDecide } from './use-decide.ts';

const SHORTER = [5, 10, 15, 30];
const OBJECTS = ['audio', 'transcript'];

type Props = { readonly request: AccessRequestView; readonly name: string; readonly decided: () => void };

export function DecideCard({ request, name, decided }: Props) {
  const { t } = useTranslation('approvals');
  const proof = proofOf(useMe(), useNow(5000));
  const { decideKeys } = useStore(settings);
  const [minutes, setMinutes] = useState(request.minutes);
  const [objects, setObjects] = useState<readonly string[]>(request.objects);
  const [clock, setClock] = useState(WHOLE_CLOCK);
  const [refusing, { open, close }] = useDisclosure(false);
  const lengths = useRef<HTMLDivElement>(null);
  const { approve, refuse, failed } = useDecide(request, proof, name, decided);
  const armed = useButtonsReady();
  const can = armed && proof !== null && objects.length > 0 && !approve.isPending && !refuse.isPending;
  const narrow = (): void => lengths.current?.querySelector('button')?.focus();
  const agree = (): void => {
    if (can) approve.mutate({ minutes, objects, ...clockLimitsOf(clock) });
  };
  useShortcuts({ a: agree, n: narrow, r: proof === null || !armed ? () => undefined : open }, decideKeys && !refusing);
  return (
    <section className="card decide">
      <div className="pad stack">
        <h2>{t('decide')}</h2>
        <LengthPick asked={request.minutes} minutes={minutes} pick={setMinutes} lengths={lengths} />
        <ObjectPick request={request} objects={objects} pick={setObjects} />
        <ClockPick purpose={request.purpose} limits={clock} pick={setClock} />
        <SignedLine
          purpose={request.purpose}
          clock={clock}
          objects={objects}
          minutes={[minutes, minutes]}
          proof={proof}
        />
        {proof === null ? (
          <NoPasskey />
        ) : (
          <button type="button" className="btn p l" disabled={!can} onClick={agree}>
            <KeyRound className="i" />
            {t(proof === 'link' ? 'approve_by_link' : 'approve')}
            {decideKeys ? <kbd>A</kbd> : null}
          </button>
        )}
        {failed.approve ? <PasskeyFailed /> : null}
        <div className="halves">
          <button type="button" className="btn" onClick={narrow}>
            {t('narrow')}
            {decideKeys ? <kbd>N</kbd> : null}
          </button>
          <button type="button" className="btn no" disabled={proof === null || !armed} onClick={open}>
            {t('refuse')}
            {decideKeys ? <kbd>R</kbd> : null}
          </button>
        </div>
      </div>
      <p className="decide-foot">{t(proof === 'link' ? 'footnote_link' : 'footnote', { name })}</p>
      <ReasonModal
        opened={refusing}
        close={close}
        title={t('refuse_title')}
        hint={t('refuse_hint', { name })}
        act={t('refuse_now')}
        busy={refuse.isPending}
        failed={failed.refuse ? <PasskeyFailed /> : null}
        submit={(reason) => refuse.mutate(reason, { onSuccess: close })}
      />
    </section>
  );
}

type LengthProps = {
  readonly asked: number;
  readonly minutes: number;
  readonly pick: (minutes: number) => void;
  readonly lengths: RefObject<HTMLDivElement | null>;
};

function LengthPick({ asked, minutes, pick, lengths }: LengthProps) {
  const { t } = useTranslation('approvals');
  const choices = [...SHORTER.filter((length) => length < asked).slice(-2), asked];
  return (
    <fieldset className="field">
      <legend className="lb">
        {t('how_long')}
        <span className="mute">{t('asked_for', { count: asked })}</span>
      </legend>
      <div className="seg full" ref={lengths}>
        {choices.map((length) => (
          <button key={length} type="button" aria-pressed={length === minutes} onClick={() => pick(length)}>
            {t('minutes', { count: length })}
          </button>
        ))}
      </div>
    </fieldset>
  );
}

type ObjectProps = {
  readonly request: AccessRequestView;
  readonly objects: readonly string[];
  readonly pick: (objects: readonly string[]) => void;
};

function ObjectPick({ request, objects, pick }: ObjectProps) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const facts = request.recording_facts;
  const about = (name: string): string => {
    if (!request.objects.includes(name)) return t('not_asked');
    if (name === 'audio') return typeof facts?.duration_ms === 'number' ? formatClock(facts.duration_ms) : '';
    const tags = (facts?.objects ?? []).flatMap((object) => object.split('transcript/').slice(1));
    return tags.map(words.speech).join(' · ');
  };
  return (
    <fieldset className="field">
      <legend className="lb">
        {t('what')}
        <span className="mute">{t('take_away')}</span>
      </legend>
      <div>
        {OBJECTS.map((name) => {
          const asked = request.objects.includes(name);
          return (
            <label key={name} className="row what">
              <input
                type="checkbox"
                className="box"
                checked={objects.includes(name)}
                disabled={!asked}
                onChange={({ currentTarget: { checked } }) =>
                  pick(request.objects.filter((one) => (one === name ? checked : objects.includes(one))))
                }
              />
              <span className={asked ? 'grow' : 'grow mute'}>{words.object(name)}</span>
              <span className="mute small">{about(name)}</span>
            </label>
          );
        })}
      </div>
      {objects.length === 0 ? <p className="no small">{t('nothing_left')}</p> : null}
    </fieldset>
  );
}
