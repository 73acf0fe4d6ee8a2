// Live grants with their remaining time.
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Headphones } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { liveGrantsQuery } from '../../api/queries.ts';
import { useNow } from '../../api/server-clock.ts';
import type { Grant } from '../../api/types.ts';
import { useCallName } from '../../components/call-name.ts';
import { GrantClock, isWaiting } from '../../components/grant-clock.tsx';
import { useWords } from '../../i18n/use-words.ts';
import { canPlay } from '../../player/session/kept-sessions.ts';
import { ListenLink } from '../../player/sound/listen-link.tsx';
import { GiveUpGrantDialog, useEndGrant } from '../../shell/grant-strip.tsx';
import { CallCell } from './call-cell.tsx';
import { ListStates } from './list-states.tsx';

export function ActiveGrants() {
  const { t } = useTranslation('access');
  const list = useQuery(liveGrantsQuery(true));
  const now = useNow(1_000);
  const live = list.data?.data.filter((grant) => Date.parse(grant.expires) > now);
  return (
    <ListStates list={list} count={live?.length} icon={Headphones} tab="active">
      <table className="tbl acc-tbl">
        <thead>
          <tr>
            <th scope="col">{t('column.recording')}</th>
            <th scope="col">{t('column.purpose')}</th>
            <th scope="col">{t('column.covers')}</th>
            <th scope="col">{t('column.uses')}</th>
            <th scope="col" className="r">
              {t('column.left')}
            </th>
            <th>
              <span className="sr">{t('open')}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {live?.map((grant) => (
            <Row key={grant.id} grant={grant} now={now} />
          ))}
        </tbody>
      </table>
    </ListStates>
  );
}

const SOON_MS = 300_000;

function Row({ grant, now }: { readonly grant: Grant; readonly now: number }) {
  const { t } = useTranslation('access');
  const words = useWords();
  const callName = useCallName();
  const end = useEndGrant();
  const [asking, { open, close }] = useDisclosure(false);
  const isSoon = !isWaiting(grant) && Date.parse(grant.expires) - now < SOON_MS;
  const name = grant.recording_facts ? callName(grant.recording_facts) : grant.recording;
  return (
    <tr>
      <td>
        <CallCell recording={grant.recording} facts={grant.recording_facts} />
      </td>
      <td data-name={t('column.purpose')}>{words.purpose(grant.purpose)}</td>
      <td data-name={t('column.covers')}>{words.objects(grant.objects)}</td>
      <td data-name={t('column.uses')}>
        {t('given', { given: grant.uses_left, needed: grant.uses ?? grant.uses_left })}
      </td>
      <td data-name={t('column.left')} className={isSoon ? 'r num m wait' : 'r num m'}>
        <GrantClock grant={grant} now={now} />
      </td>
      <td>
        <span className="row end">
          {canPlay(grant) ? (
            <ListenLink
              recording={grant.recording}
              className="btn s a"
              label={t('of', { action: t('open'), call: name })}
            >
              {t('open')}
            </ListenLink>
          ) : null}
          <button
            type="button"
            className="btn s q"
            aria-label={t('of', { action: t('end'), call: name })}
            disabled={end.isPending}
            onClick={open}
          >
            {t('end')}
          </button>
          {asking ? <GiveUpGrantDialog grant={grant.id} onClose={close} /> : null}
        </span>
      </td>
    </tr>
  );
}
