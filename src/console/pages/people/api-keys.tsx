// API keys of the tenant: owner, scopes, expiry; and revoking one.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey } from '../../api/client.ts';
import { useNow } from '../../api/server-clock.ts';
import { ConfirmDialog } from '../../components/confirm.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { ErrorCard } from '../../components/error-card.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { StateCard } from '../../components/state-card.tsx';
import { useFormat } from '../../i18n/use-format.ts';
import { type ApiKey, apiKeyPages } from './queries.ts';
import { daysUntilExpiry, sortApiKeys } from './sort.ts';

const MINUTE_MS = 60_000;

export function ApiKeys() {
  const { t } = useTranslation('people');
  const list = useInfiniteQuery(apiKeyPages);
  const keys = sortApiKeys(list.data?.pages.flatMap(({ data }) => data) ?? []);
  return (
    <section className="card ppl-card" aria-labelledby="api-keys">
      <header className="pad">
        <h2 id="api-keys">{t('keys')}</h2>
        <p className="dim">{t('keys_text')}</p>
      </header>
      {list.isPending ? <Skeleton rows={3} /> : null}
      {list.isError ? <ErrorCard bare error={list.error} onRetry={() => void list.refetch()} /> : null}
      {list.isSuccess && keys.length === 0 ? (
        <StateCard bare icon={KeyRound} title={t('no_keys')}>
          {t('no_keys_text')}
        </StateCard>
      ) : null}
      {keys.length === 0 ? null : (
        <table className="tbl ppl">
          <thead>
            <tr>
              <th className="p-name">{t('column.owner')}</th>
              <th className="p-key wide-cell">{t('column.key')}</th>
              <th className="wide-cell">{t('column.scopes')}</th>
              <th className="p-state">{t('column.state')}</th>
              <th className="p-seen wide-cell">{t('column.expires')}</th>
              <th className="p-act">
                <span className="sr">{t('column.actions')}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <Line key={key.id} apiKey={key} />
            ))}
          </tbody>
        </table>
      )}
      {list.hasNextPage ? (
        <div className="tfoot">
          <button type="button" className="btn s" onClick={() => void list.fetchNextPage()}>
            {t('more')}
          </button>
        </div>
      ) : null}
    </section>
  );
}

const DOTS = { active: 'yes', expired: '', revoked: 'no' } as const;

function Line({ apiKey }: { readonly apiKey: ApiKey }) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const now = useNow(MINUTE_MS);
  const { id, principal_name: owner, scopes, state, expires } = apiKey;
  const name = owner ?? t('sealed');
  const soon = daysUntilExpiry(apiKey, now);
  const short = `${id.slice(0, 4)}…${id.slice(-6)}`;
  const may = scopes.map((scope) => t(`scopes.${scope as 'read'}`, { defaultValue: scope })).join(' · ');
  return (
    <tr className={state === 'active' ? '' : 'off'}>
      <td>
        <span className="m cut" title={name}>
          {name}
        </span>
        <span className="sub cut ppl-narrow">{may}</span>
      </td>
      <td className="wide-cell">
        <span className="row g1">
          <span className="mono">{short}</span>
          <CopyButton text={id} label={`${t('column.key')} ${short}`} />
        </span>
      </td>
      <td className="wide-cell cut" title={may}>
        {may}
      </td>
      <td>
        <span className="row dotted">
          <i className={`dot ${DOTS[state]}`} />
          {t(`key_states.${state}`)}
        </span>
      </td>
      <td className="wide-cell">
        <span className={soon === null ? 'dim' : 'wait'}>
          {format.date(expires)}
          {soon === null ? null : <span className="sub wait">{t('expires_soon', { count: soon })}</span>}
        </span>
      </td>
      <td className="r">{state === 'active' ? <Revoke id={id} name={name} short={short} /> : null}</td>
    </tr>
  );
}

type RevokeProps = { readonly id: string; readonly name: string; readonly short: string };

function Revoke({ id, name, short }: RevokeProps) {
  const { t } = useTranslation('people');
  const client = useQueryClient();
  const [asking, setAsking] = useState<string | null>(null);
  const revoke = useMutation({
    mutationFn: (key: string) => fetchJson('POST', `/v1/api-keys/${id}/revoke`, { key }),
    onSuccess: () => notify(t('revoked')),
    onError: notifyProblem,
    onSettled: async () => {
      setAsking(null);
      await client.invalidateQueries(apiKeyPages);
    },
  });
  return (
    <>
      <button
        type="button"
        className="btn s no"
        aria-label={t('revoke_of', { id: short, name })}
        onClick={() => setAsking(newIdempotencyKey())}
      >
        {t('revoke')}
      </button>
      {asking === null ? null : (
        <ConfirmDialog
          title={t('revoke_title', { name })}
          act={t('revoke')}
          busy={revoke.isPending}
          onClose={() => setAsking(null)}
          onAct={() => revoke.mutate(asking)}
        >
          <p>{t('revoke_text', { id: short })}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
