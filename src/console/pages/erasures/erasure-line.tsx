// One erasure: when, why, how many recordings, by whom, and its certificate.
import { useMutation } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { ErasureBody } from '../../../http/reply-types.ts';
import { send } from '../../api/client.ts';
import { can, useMe } from '../../api/current-user.ts';
import { problemOf } from '../../api/problem.ts';
import { notify, notifyProblem } from '../../components/notify.ts';
import { saveFile } from '../../components/save-file.ts';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';

export function ErasureLine({ erasure }: { readonly erasure: ErasureBody }) {
  const { t } = useTranslation('erasures');
  const format = useFormat();
  const { event, at, reason, cause, recordings, unfinished, actor } = erasure;
  const [only] = recordings;
  const by = (): string => {
    if (actor.type !== 'system') return actor.name ?? actor.id;
    return t(cause?.startsWith('sub_') === true ? 'system_decided' : 'system');
  };
  return (
    <tr>
      <td className="c-at">
        {format.dateTime(at)}
        <span className="sub">{t('event', { event })}</span>
      </td>
      <td>
        {t(`reasons.${reason}`)}
        {cause === null ? null : <Cause id={cause} />}
      </td>
      <td className="r num c-count">
        <span className="narrow-word">{t('column.recordings')} </span>
        {recordings.length === 1 && only !== undefined ? (
          <>
            {format.number(1)}
            <span className="sub mono">{only}</span>
          </>
        ) : (
          <details>
            <summary>{format.number(recordings.length)}</summary>
            {recordings.map((id) => (
              <span key={id} className="sub mono">
                {id}
              </span>
            ))}
          </details>
        )}
      </td>
      <td className="c-by">
        <UserText text={by()} />
      </td>
      <td className="c-certificate">
        {unfinished > 0 ? (
          <span className="tag wait">{t('unfinished', { count: unfinished })}</span>
        ) : (
          <CertificateButton event={event} />
        )}
      </td>
    </tr>
  );
}

/** The subject request, the change or the rules that caused it. */
function Cause({ id }: { readonly id: string }) {
  const { t } = useTranslation('erasures');
  const me = useMe();
  if (id.startsWith('sub_') && can(me, 'lifetime.read'))
    return (
      <Link to="/subject-requests/$id" params={{ id }} className="link sub">
        {t('subject')}
      </Link>
    );
  if (id.startsWith('chg_') && can(me, 'change.read'))
    return (
      <Link to="/changes/$id" params={{ id }} className="link sub">
        {t('change')}
      </Link>
    );
  if (id.startsWith('ret_') && can(me, 'settings.read'))
    return (
      <Link to="/retention/$id" params={{ id }} className="link sub">
        {t('rules')}
      </Link>
    );
  return <span className="sub mono">{id}</span>;
}

function CertificateButton({ event }: { readonly event: number }) {
  const { t } = useTranslation('erasures');
  const issue = useMutation({
    mutationFn: async () => (await send('GET', `/v1/erasures/${event}/certificate`)).text(),
    onSuccess: (note) => {
      saveFile(`erasure-${event}.txt`, note, 'text/plain');
      notify(t('issued'));
    },
    onError: (error) => {
      // Without the signer's private key, or with a log that was restored: the operator knows which.
      if (problemOf(error)?.code === 'not_available') notify(t('not_available'));
      else notifyProblem(error);
    },
  });
  return (
    <button
      type="button"
      className="btn s"
      aria-label={t('download_of', { event })}
      disabled={issue.isPending}
      onClick={() => issue.mutate()}
    >
      <Download className="i s" />
      {t('download')}
    </button>
  );
}
