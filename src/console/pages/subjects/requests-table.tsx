// The requests, a line each: due date, what is asked, who asks, what comes next.
import { Link } from '@tanstack/react-router';
import { CircleCheck, CircleX, Hourglass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { Stage } from '../../subjects/stage.ts';
import type { SubjectRequest } from '../../subjects/types.ts';
import { useSubjectWords } from '../../subjects/use-subject-words.ts';

export function RequestsTable({ requests }: { readonly requests: readonly SubjectRequest[] }) {
  const { t } = useTranslation('subjects');
  return (
    <table className="tbl subjects-tbl">
      <thead>
        <tr>
          <th className="c-due">{t('column.due')}</th>
          <th>{t('column.asks')}</th>
          <th className="c-person">{t('column.person')}</th>
          <th className="c-next">{t('column.next')}</th>
          <th className="r c-found">{t('column.found')}</th>
          <th className="c-manager">{t('column.manager')}</th>
        </tr>
      </thead>
      <tbody>
        {requests.map((request) => (
          <Line key={request.id} request={request} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ request }: { readonly request: SubjectRequest }) {
  const format = useFormat();
  const words = useWords();
  const said = useSubjectWords();
  const { stage, text } = said.stage(request);
  return (
    <tr>
      <td className="c-due">
        <DueCell request={request} />
      </td>
      <td className="c-asks">
        <Link to="/subject-requests/$id" params={{ id: request.id }} className="link m">
          {said.kinds(request)}
        </Link>
      </td>
      <td className="c-person">
        <UserText text={said.person(request)} />
      </td>
      <td className="c-next">
        <span className="row">
          <StageIcon stage={stage} />
          {text}
        </span>
      </td>
      <td className="r num c-found">
        {request.searched === null ? <span className="mute">–</span> : format.number(request.recordings.found)}
      </td>
      <td className="c-manager dim">
        <UserText text={words.person(request.manager_name)} />
      </td>
    </tr>
  );
}

/** The due date, with the days that are left; only what is urgent has a colour. */
function DueCell({ request }: { readonly request: SubjectRequest }) {
  const format = useFormat();
  const { tone, short } = useSubjectWords().due(request);
  if (request.ended !== null) return <span className="mute">{format.dayMonth(request.due)}</span>;
  return (
    <>
      {format.dayMonth(request.due)}
      <span className={tone === 'overdue' ? 'sub no m' : tone === 'soon' ? 'sub wait m' : 'sub'}>{short}</span>
    </>
  );
}

const WAITING: readonly Stage[] = ['approval', 'doing'];

function StageIcon({ stage }: { readonly stage: Stage }) {
  if (stage === 'answered') return <CircleCheck className="i s yes" />;
  if (stage === 'refused') return <CircleX className="i s mute" />;
  if (WAITING.includes(stage)) return <Hourglass className="i s wait" />;
  return <i className={stage === 'again' ? 'dot no' : 'dot'} />;
}
