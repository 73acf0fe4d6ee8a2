// The package: for the officer whom two people named, until when and how often still; others see who may, and ask for it again.
import { FileArchive } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { SubjectRequest } from '../../subjects/types.ts';
import { SendDialog } from './decision/send-dialog.tsx';

type Props = { readonly request: SubjectRequest; readonly manages: boolean };

export function Copies({ request, manages }: Props) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const words = useWords();
  const me = useMe();
  const [asking, setAsking] = useState(false);
  const { id, copies, ended } = request;
  if (ended !== null) return <li className="dim small">{t('progress.copies_answered')}</li>;
  const isLive = copies !== null && copies.left > 0 && copies.until > new Date().toISOString();
  const isMine = copies !== null && copies.officer === me.principal.id;
  const until = copies === null ? '' : format.dateTime(copies.until);
  return (
    <li className="stack g3">
      {isLive && isMine ? (
        <a className="btn" href={`/v1/subject-requests/${id}/package`} download>
          <FileArchive className="i s" />
          {t('progress.package')}
        </a>
      ) : null}
      {isLive || !manages ? null : (
        <button type="button" className="btn" onClick={() => setAsking(true)}>
          <FileArchive className="i s" />
          {t('progress.copies_again')}
        </button>
      )}
      <span className="dim small">
        {copies === null || !isLive
          ? t('progress.copies_over')
          : isMine
            ? t('progress.copies_mine', { until, count: copies.left })
            : t('progress.copies_theirs', { until, count: copies.left, name: words.person(copies.officer_name) })}
      </span>
      {asking ? (
        <SendDialog
          request={request}
          rows={[]}
          chosen={new Map()}
          words={request.words}
          erases={0}
          copied={request.recordings.outcomes.copy ?? 0}
          close={() => setAsking(false)}
        />
      ) : null}
    </li>
  );
}
