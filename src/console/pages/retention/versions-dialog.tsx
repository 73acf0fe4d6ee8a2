// All versions of the retention rules, and those that wait for approval.
import { Modal } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { UserText } from '../../components/user-text.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { rulesPages } from '../../retention/queries.ts';
import type { ChangeView } from '../changes/queries.ts';

type Props = {
  readonly waiting: readonly ChangeView[];
  readonly chosen: string | undefined;
  readonly close: () => void;
};

export function VersionsDialog({ waiting, chosen, close }: Props) {
  const { t } = useTranslation('retentionPage');
  const format = useFormat();
  const words = useWords();
  const all = useInfiniteQuery(rulesPages);
  const versions = (all.data?.pages ?? []).flatMap(({ data }) => data);
  return (
    <Modal opened onClose={close} title={t('history')} closeButtonProps={{ 'aria-label': t('close') }}>
      <div className="stack g3">
        <ol className="rqs ret-versions">
          {waiting.map(({ id, proposer_name: name, opened, note }) => (
            <li key={id}>
              <Link
                to="/retention/$id"
                params={{ id }}
                className={id === chosen ? 'rq on' : 'rq'}
                aria-current={id === chosen ? 'true' : undefined}
                onClick={close}
              >
                <span className="rq-in">
                  <span className="row">
                    <span className="m grow cut">
                      <UserText text={note} />
                    </span>
                    <span className="tag wait">{t('waiting')}</span>
                  </span>
                  <span className="dim small">
                    {words.person(name)} · {format.near(opened)}
                  </span>
                </span>
              </Link>
            </li>
          ))}
          {versions.map(
            ({ id, version, created, in_force: inForce, proposer_name: proposer, decider_name: decider }) => (
              <li key={id}>
                <Link
                  to="/retention/$id"
                  params={{ id }}
                  className={id === chosen ? 'rq on' : 'rq'}
                  aria-current={id === chosen ? 'true' : undefined}
                  onClick={close}
                >
                  <span className="rq-in">
                    <span className="row">
                      <span className="m grow">{t('version', { number: version })}</span>
                      {inForce ? <span className="tag yes">{t('in_force')}</span> : null}
                    </span>
                    <span className="dim small">
                      <UserText
                        text={[format.dateTime(created), ...[proposer, decider].filter((name) => name !== null)].join(
                          ' · ',
                        )}
                      />
                    </span>
                  </span>
                </Link>
              </li>
            ),
          )}
        </ol>
        {all.hasNextPage ? (
          <button type="button" className="btn s" onClick={() => void all.fetchNextPage()}>
            {t('more')}
          </button>
        ) : null}
        <p className="mute small">{t('history_text')}</p>
      </div>
    </Modal>
  );
}
