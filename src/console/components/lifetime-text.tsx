// How long a recording stays under one version of the rules, in sentences: until when it is kept, and when it expires.
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LifetimeBody } from '../../http/reply-types.ts';
import { useFormat } from '../i18n/use-format.ts';
import { UserText } from './user-text.tsx';

type Under = LifetimeBody['in_force'];

export function LifetimeText({ under }: { readonly under: Under }) {
  const { keep, expires } = useLifetimeTexts(under);
  return (
    <>
      {keep === null ? null : (
        <>
          <UserText text={keep} />{' '}
        </>
      )}
      <UserText text={expires} />
    </>
  );
}

/**
 * Until when a recording stays whose subject asked for its erasure, and in full what keeps it. The link to their request comes
 * last, for who may read it.
 */
export function AskedLifetime({ lifetime, inFull = false, children }: AskedProps) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const { in_force: under, holds, restricted } = lifetime;
  const { keep } = useLifetimeTexts(under);
  const { until } = under.expires;
  const asked = (): string => {
    if (holds > 0 || restricted !== null) return t('lifetime.asked_held');
    return until === null ? t('lifetime.asked_kept') : t('lifetime.asked', { day: format.date(until) });
  };
  return (
    <>
      {inFull && keep !== null ? <UserText text={`${keep} `} /> : null}
      {asked()} {children}
    </>
  );
}

type AskedProps = {
  readonly lifetime: Pick<LifetimeBody, 'in_force' | 'holds' | 'restricted'>;
  readonly inFull?: boolean;
  readonly children: ReactNode;
};

/** What keeps it (null where there are no rules to say it), and when it expires. */
function useLifetimeTexts({ keep, expires, version }: Under): {
  readonly keep: string | null;
  readonly expires: string;
} {
  const { t } = useTranslation('recording');
  const { t: words } = useTranslation('words');
  const format = useFormat();
  const eventOf = (name: string): string =>
    name === 'contract-ended' || name === 'dispute-ended'
      ? t(`lifetime.event.${name}`)
      : t('lifetime.other_event', { name });
  const periodOf = (period: string | null): string => {
    const [, count = '', unit = ''] = /^P(\d+)([DMY])$/.exec(period ?? '') ?? [];
    return unit === '' ? '' : words(`period.${unit as 'D'}`, { count: Number(count) });
  };
  const kept = (): string | null => {
    if (keep === null) return version === null ? null : t('lifetime.not_kept');
    const rule = keep.name ?? keep.rule;
    if (keep.waits_for !== null)
      return t('lifetime.kept_waiting', { event: eventOf(keep.waits_for), period: periodOf(keep.period), rule });
    if (keep.until === null) return t('lifetime.kept_ever', { rule });
    const day = format.date(keep.until);
    if (keep.name === null) return t('lifetime.kept_own', { day });
    return keep.law === null ? t('lifetime.kept', { day, rule }) : t('lifetime.kept_law', { day, rule, law: keep.law });
  };
  const ends = (): string => {
    const { until, cause, waits_for: event } = expires;
    const rule = expires.rule?.name ?? expires.rule?.rule ?? '';
    if (cause === 'no_rules') return t('lifetime.no_rules');
    if (cause === 'rebuilt') return t('lifetime.never_rebuilt');
    if (until === null && event !== null) return t('lifetime.never_waiting', { event: eventOf(event) });
    if (until === null) return cause === 'rule' ? t('lifetime.never', { rule }) : t('lifetime.never_minimum');
    const day = format.date(until);
    if (cause === 'minimum' && expires.rule !== null) return t('lifetime.expires_minimum', { day, rule });
    if (cause === 'grace') return t('lifetime.expires_grace', { day });
    if (cause === 'rule') return t('lifetime.expires', { day, rule });
    return t('lifetime.expires_asked', { day });
  };
  return { keep: kept(), expires: ends() };
}

/** What keeps a recording whatever the rules say: legal holds, and a restriction. */
export function KeptAnyway({ lifetime }: { readonly lifetime: Pick<LifetimeBody, 'holds' | 'restricted'> }) {
  const { t } = useTranslation('recording');
  const { holds, restricted } = lifetime;
  return (
    <>
      {holds === 0 ? null : <p>{t('lifetime.held', { count: holds })}</p>}
      {restricted === null ? null : <p>{t('lifetime.restricted')}</p>}
    </>
  );
}

/** The one sentence that matters most: what keeps it, or else when it expires. Nothing where there are no rules. */
export function LifetimeInShort({ under }: { readonly under: Under }) {
  const { keep, expires } = useLifetimeTexts(under);
  if (under.keep === null && under.expires.cause === 'no_rules') return null;
  return <UserText text={under.keep === null ? expires : (keep ?? expires)} />;
}

/** The same as `KeptAnyway` before another sentence. */
export function KeptAnywayInShort({ lifetime }: { readonly lifetime: Pick<LifetimeBody, 'holds' | 'restricted'> }) {
  const { t } = useTranslation('recording');
  const { holds, restricted } = lifetime;
  if (holds === 0 && restricted === null) return null;
  return (
    <b className="m">
      {holds === 0 ? null : `${t('lifetime.held', { count: holds })} `}
      {restricted === null ? null : `${t('lifetime.restricted')} `}
    </b>
  );
}
