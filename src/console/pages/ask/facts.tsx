// The head of a recording's pages: where one is, which call it is, its facts.
import { Link } from '@tanstack/react-router';
import { Calendar, ChevronRight, Clock, Globe, Mic, ShieldCheck, Users } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../../api/types.ts';
import { clock, useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';

/** A call in a few words: 10:42 inbound · 138****5678. */
export function useCallName(): (
  call: Pick<Recording, 'started_at' | 'direction' | 'from_masked' | 'to_masked'>,
) => string {
  const { t } = useTranslation('ask');
  const words = useWords();
  const format = useFormat();
  return ({ started_at, direction, from_masked, to_masked }) => {
    const number = direction === 'outbound' ? to_masked : from_masked;
    const said = { time: format.near(started_at), direction: words.direction(direction ?? '').toLowerCase() };
    return typeof number === 'string' ? t('heading', { ...said, number }) : t('heading_plain', said);
  };
}

export function RecordingHead({ recording }: { readonly recording: Recording }) {
  const { t } = useTranslation('ask');
  const { t: shell } = useTranslation('shell');
  const words = useWords();
  const format = useFormat();
  const callName = useCallName();
  const { agent, queue, duration_ms, language, basis } = recording;
  return (
    <header className="stack g1">
      <nav className="crumb" aria-label={shell('crumbs')}>
        <Link to="/recordings">{shell('nav.recordings')}</Link>
        <ChevronRight className="i" />
        {queue === null ? null : (
          <>
            <span>{queue}</span>
            <ChevronRight className="i" />
          </>
        )}
        <span className="mono">{recording.id.slice(0, 14)}…</span>
      </nav>
      <div className="head mid">
        <h1>{callName(recording)}</h1>
      </div>
      <div className="facts">
        {agent === null ? null : (
          <span>
            <Mic className="i s" />
            {t('facts.agent', { name: agent })}
          </span>
        )}
        {queue === null ? null : (
          <span>
            <Users className="i s" />
            {t('facts.queue', { name: queue })}
          </span>
        )}
        {duration_ms === null ? null : (
          <span>
            <Clock className="i s" />
            {t('facts.length', { length: clock(duration_ms) })}
          </span>
        )}
        {language === null ? null : (
          <span>
            <Globe className="i s" />
            {words.speech(language)}
          </span>
        )}
        {basis === null ? null : (
          <span>
            <ShieldCheck className="i s" />
            {basis.at === undefined
              ? t('facts.basis', { basis: words.basis(basis.kind) })
              : t('facts.basis_at', { basis: words.basis(basis.kind), time: format.near(basis.at) })}
          </span>
        )}
        <span>
          <Calendar className="i s" />
          {format.date(recording.started_at)}
        </span>
      </div>
    </header>
  );
}
