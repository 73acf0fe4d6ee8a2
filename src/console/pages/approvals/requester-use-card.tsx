// Recent requests and listening time of the requester.
import { Trans, useTranslation } from 'react-i18next';
import type { OneAccessRequest } from '../../api/types.ts';

const MINUTE = 60;

export function RequesterUseCard({
  name,
  use,
}: {
  readonly name: string;
  readonly use: OneAccessRequest['requester_use'];
}) {
  const { t } = useTranslation('approvals');
  const first = /^[\u3400-\u9fff]/.test(name) ? name : (name.split(' ')[0] ?? name);
  return (
    <section className="card pad stack g3">
      <h2>{t('use', { name: first })}</h2>
      <p className="row">
        <span className="dim small grow">{t('sessions_today')}</span>
        <b className="b num">{use.sessions_today}</b>
      </p>
      <p className="row">
        <span className="dim small grow">{t('minutes_today')}</span>
        <b className="b num">{Math.ceil(use.seconds_today / MINUTE)}</b>
      </p>
      <p className="row use-30 dim">
        <Count name="asked_30" number={use.asked_30d} />
        <Count name="approved_30" number={use.approved_30d} />
        <Count name="denied_30" number={use.denied_30d} />
      </p>
    </section>
  );
}

function Count({ name, number }: { readonly name: 'asked_30' | 'approved_30' | 'denied_30'; readonly number: number }) {
  return (
    <span>
      <Trans ns="approvals" i18nKey={name} values={{ number }} components={{ b: <b className="b strong" /> }} />
    </span>
  );
}
