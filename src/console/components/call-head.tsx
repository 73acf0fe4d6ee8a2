// Header of a recording's pages: breadcrumb, name of the call and a line of facts.
import { Link } from '@tanstack/react-router';
import { Check, ChevronRight, Clock3, Globe, type LucideIcon, Mic, Ticket, TriangleAlert, Users } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { Recording } from '../api/types.ts';
import { formatClock } from '../i18n/format-clock.ts';
import { useFormat } from '../i18n/use-format.ts';
import { useWords } from '../i18n/use-words.ts';
import { useCallName } from './call-name.ts';

type Props = {
  readonly recording: Recording;
  /** Actions next to the heading. */
  readonly children?: ReactNode;
};

export function CallHead({ recording, children }: Props) {
  const { t: shell } = useTranslation('shell');
  const callName = useCallName();
  return (
    <header className="stack g1">
      <nav className="crumb" aria-label={shell('crumbs')}>
        <Link to="/recordings">{shell('nav.recordings')}</Link>
        <ChevronRight className="i" />
        {recording.queue === null ? null : (
          <>
            <span>{recording.queue}</span>
            <ChevronRight className="i" />
          </>
        )}
        <span className="mono">{recording.id.slice(0, 14)}…</span>
      </nav>
      <div className="head mid">
        <h1>{callName(recording)}</h1>
        {children}
      </div>
      <Facts recording={recording} />
    </header>
  );
}

type Fact = {
  readonly icon: LucideIcon;
  readonly text: string | null;
  /** Hidden where space is short. */
  readonly more?: true;
  /** A required fact that is missing. */
  readonly isMissing?: true;
};

function Facts({ recording }: Pick<Props, 'recording'>) {
  const { t } = useTranslation('recording');
  const words = useWords();
  const { agent, queue, duration_ms: duration, language, ticket } = recording;
  const basis = useBasis(recording);
  const isBased = recording.basis?.kind !== 'none';
  const facts: readonly Fact[] = [
    { icon: Mic, text: agent === null ? null : t('agent', { name: agent }) },
    { icon: Users, text: queue === null ? null : t('queue', { name: queue }) },
    { icon: Clock3, text: duration === null ? null : formatClock(duration) },
    { icon: Globe, text: language === null ? null : words.speech(language), more: true },
    isBased ? { icon: Check, text: basis, more: true } : { icon: TriangleAlert, text: basis, isMissing: true },
    { icon: Ticket, text: ticket === null ? null : t('ticket', { ticket }), more: true },
  ];
  return (
    <div className="facts">
      {facts.map(({ icon: Icon, text, more, isMissing }) =>
        text === null ? null : (
          <span key={text} className={isMissing ? 'no' : more ? 'more' : undefined}>
            <Icon className="i s" />
            {text}
          </span>
        ),
      )}
    </div>
  );
}

function useBasis({ basis }: Recording): string | null {
  const { t } = useTranslation('recording');
  const words = useWords();
  const format = useFormat();
  if (basis === null) return null;
  if (basis.kind === 'none') return t('no_basis');
  const kind = words.givenBasis(basis);
  return basis.at === undefined ? kind : t('basis_at', { basis: kind, time: format.near(basis.at) });
}
