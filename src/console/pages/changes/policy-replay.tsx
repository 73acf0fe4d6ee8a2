// What a policy would have done to the requests of the last 30 days, and to live sessions.
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { PolicyEffects } from './queries.ts';

export function ReplayCard({ replay }: Pick<PolicyEffects, 'replay'>) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const format = useFormat();
  const { since, requests, complete, denied, allowed, listed, sessions_end: ending, openings } = replay;
  const stopped = openings?.denied.reduce((sum, { count }) => sum + count, 0) ?? 0;
  const lost = denied.reduce((sum, { count }) => sum + count, 0);
  return (
    <section className="card pad stack g3" aria-label={t('replay')}>
      <div className="row wrap">
        <h2>{t('replay')}</h2>
        <span className="grow" />
        <span className="mute small">{t('since', { at: format.near(since) })}</span>
      </div>
      <ul className="figs">
        <Figure
          count={requests}
          text={t('requests', { count: requests, same: format.number(requests - lost - allowed) })}
        />
        {complete ? null : <li className="dim small">{t('incomplete')}</li>}
        {denied.map(({ code, count }) => (
          <Figure key={code} count={count} tone="no" text={t('denied', { count, reason: words.checkCode(code) })} />
        ))}
        {allowed === 0 ? null : <Figure count={allowed} tone="wait" text={t('allowed', { count: allowed })} />}
        {openings === undefined ? null : (
          <Figure
            count={openings.count}
            text={t('openings', { count: openings.count, same: format.number(openings.count - stopped) })}
          />
        )}
        {openings?.denied.map(({ code, count }) => (
          <Figure key={code} count={count} tone="no" text={t('denied', { count, reason: words.checkCode(code) })} />
        ))}
        {openings?.calls === undefined ? null : (
          <Figure count={openings.calls} tone="no" text={t('calls', { count: openings.calls })} />
        )}
        {ending === 0 ? null : <Figure count={ending} tone="wait" text={t('sessions_end', { count: ending })} />}
      </ul>
      {listed.length === 0 ? null : (
        <details>
          <summary>{t('listed', { count: listed.length })}</summary>
          <ul className="stack g1 small">
            {listed.map(({ request, recording, code }) => (
              <li key={request} className="row wrap">
                <Link to="/recordings/$id" params={{ id: recording }} className="mono grow cut">
                  {recording}
                </Link>
                <span className="dim">{words.checkCode(code)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

type FigureProps = { readonly count: number; readonly text: string; readonly tone?: 'no' | 'wait' };

function Figure({ count, text, tone }: FigureProps) {
  const format = useFormat();
  return (
    <li className="fig">
      <b className={tone ?? ''}>{format.number(count)}</b>
      <span className="dim">{text}</span>
    </li>
  );
}
