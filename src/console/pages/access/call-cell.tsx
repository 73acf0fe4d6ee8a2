// Call of a request or a grant: facts only, numbers masked.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { RecordingFacts } from '../../api/types.ts';
import { useCallName } from '../../components/call-name.ts';
import { formatClock } from '../../i18n/format-clock.ts';

type Props = { readonly recording: string; readonly facts: RecordingFacts | null | undefined };

export function CallCell({ recording, facts }: Props) {
  const { t } = useTranslation('access');
  const callName = useCallName();
  if (facts === null || facts === undefined)
    return (
      <>
        <span className="mono">{recording.slice(0, 14)}…</span>
        <span className="sub">{t('gone')}</span>
      </>
    );
  const more = [facts.agent, facts.queue, facts.duration_ms === null ? null : formatClock(facts.duration_ms)];
  return (
    <>
      <Link to="/recordings/$id" params={{ id: recording }} className="plain m">
        {callName(facts)}
      </Link>
      <span className="sub cut">{more.filter((part) => part !== null).join(' · ')}</span>
    </>
  );
}
