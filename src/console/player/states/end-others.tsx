// The step of a person whose live sessions are too many: end the others.
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { notifyProblem } from '../../components/notify.ts';
import { otherSessions } from '../session/kept-sessions.ts';
import { endOtherSessions } from '../session/open-session.ts';

type Props = { readonly recording: string; readonly onEnded: (() => void) | undefined };

/** Ends the sessions that this page left open, then opens this one; those elsewhere end with their grants. */
export function EndOthers({ recording, onEnded }: Props) {
  const { t } = useTranslation('player');
  const ending = useMutation({
    mutationFn: () => endOtherSessions(recording),
    onSuccess: () => onEnded?.(),
    onError: notifyProblem,
  });
  if (onEnded === undefined || otherSessions(recording).length === 0)
    return (
      <Link to="/access" className="btn s">
        {t('step.my_access')}
      </Link>
    );
  return (
    <button type="button" className="btn s p" disabled={ending.isPending} onClick={() => ending.mutate()}>
      {t('step.end_others')}
    </button>
  );
}
