// Summary of a person's access to a recording: two lines and one action.
import { useQuery } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { Clock, Headphones, Hourglass, Lock, type LucideIcon, Trash2, X } from 'lucide-react';
import { createContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { policyQuery } from '../../api/queries.ts';
import type { Policy, Recording } from '../../api/types.ts';
import { takesBasis } from '../../components/takes-basis.ts';
import { type Format, useFormat } from '../../i18n/use-format.ts';
import { useWords, type Words } from '../../i18n/use-words.ts';
import { keptSessionFor } from '../../player/session/kept-sessions.ts';

export type AccessSummary = {
  readonly icon: LucideIcon;
  readonly tone: '' | 'yes' | 'wait' | 'no';
  readonly title: string;
  readonly line: string;
  /** Time that the line counts down to. */
  readonly until?: string;
  readonly action: 'listen' | 'ask' | 'again' | 'withdraw' | 'why' | null;
};

/** Shared by the rows of a long list, so that each does not subscribe to the same data. */
export const AccessSummaryContext = createContext<((recording: Recording) => AccessSummary) | null>(null);

const REQUESTABLE: readonly string[] = ['ask', 'denied', 'cancelled', 'expired', 'revoked', 'used'];

/** Codes of consent that the policy does not count. */
const NOT_GIVEN: readonly string[] = ['consent_not_stated', 'consent_not_noticed', 'notice_unknown'];

/** Whether access to the recording can be requested now. */
export function isRequestable({ access }: Pick<Recording, 'access'>): boolean {
  return REQUESTABLE.includes(access.state);
}

/** First purpose of the policy that these roles can request on this basis. */
export function purposeFor(
  policy: Policy | undefined,
  roles: readonly string[],
  basis: Recording['basis'] | undefined,
) {
  return policy?.purposes.find((rule) => rule.roles.some((role) => roles.includes(role)) && takesBasis(rule, basis));
}

type SummaryContext = {
  readonly t: TFunction<'recordings'>;
  readonly words: Words;
  readonly format: Format;
  readonly roles: readonly string[];
  readonly policy: Policy | undefined;
};

/** Function from recordings to summaries; stable until language, policy or roles change. */
export function useAccessSummary(): (recording: Recording) => AccessSummary {
  const { t } = useTranslation('recordings');
  const words = useWords();
  const format = useFormat();
  const { roles } = useMe().principal;
  const { data: policy } = useQuery(policyQuery);
  return useMemo(
    () => (recording) => accessSummaryOf(recording, { t, words, format, roles, policy }),
    [t, words, format, roles, policy],
  );
}

/** Summary for one recording. */
function accessSummaryOf(recording: Recording, { t, words, format, roles, policy }: SummaryContext): AccessSummary {
  const { access, basis, state, quarantine } = recording;
  const purpose = access.purpose === null ? '' : words.aPurpose(access.purpose);
  const name = words.person(access.decided_by?.name);
  const reasonLine = typeof access.reason === 'string' ? t('standing.said', { reason: access.reason }) : purpose;
  const time = typeof access.until === 'string' ? format.near(access.until) : '';
  if (state === 'erased' || state === 'erasing')
    return { icon: Trash2, tone: '', title: t('standing.erased'), line: t('standing.erased_why'), action: null };
  switch (access.state) {
    case 'listen': {
      const until = access.until ?? undefined;
      const line = t('standing.until', { purpose, time });
      const title = t('standing.listen');
      return { icon: Headphones, tone: 'yes', title, line, ...(until && { until }), action: 'listen' };
    }
    case 'ask': {
      const rule = purposeFor(policy, roles, basis);
      const needs = rule && t('standing.needs', { purpose: words.aPurpose(rule.purpose), count: rule.approvals });
      return { icon: Lock, tone: '', title: t('standing.ask'), line: needs ?? '', action: 'ask' };
    }
    case 'pending': {
      const title = t('standing.pending', { ...(access.approvals ?? { given: 0, needed: 1 }) });
      return {
        icon: Hourglass,
        tone: 'wait',
        title,
        line: t('standing.until', { purpose, time }),
        action: 'withdraw',
      };
    }
    case 'denied': {
      const title = t('standing.denied', { name });
      return { icon: X, tone: 'no', title, line: reasonLine, action: 'again' };
    }
    case 'revoked': {
      const title = t('standing.revoked', { name });
      return { icon: X, tone: 'no', title, line: reasonLine, action: 'again' };
    }
    case 'cancelled':
      return {
        ...{ icon: Clock, tone: '', title: t('standing.cancelled'), action: 'again' },
        line: t('standing.by_you', { purpose }),
      };
    case 'expired': {
      const title = access.grant === null ? t('standing.undecided') : t('standing.expired', { time });
      return { icon: Clock, tone: '', title, line: purpose, action: 'again' };
    }
    case 'used':
      // The last use continues in its open session; resuming it takes no further use.
      if (keptSessionFor(recording.id) !== null)
        return {
          ...{ icon: Headphones, tone: 'yes', title: t('standing.listening'), action: 'listen' },
          line: t('standing.until', { purpose, time }),
        };
      return {
        ...{ icon: Clock, tone: '', title: t('standing.used'), action: 'again' },
        line: t('standing.all_used', { purpose }),
      };
    case 'unavailable': {
      const why = { icon: X, tone: 'no', action: 'why' } as const;
      const code = access.code ?? '';
      if (code === 'quarantined' && quarantine.includes('basis'))
        return { ...why, title: t('standing.no_consent'), line: t('standing.only_privacy') };
      if (code === 'quarantined')
        return { ...why, title: t('standing.quarantined'), line: quarantine.map(words.quarantine).join(' · ') };
      if (code === 'basis_insufficient') {
        const line = t('standing.basis_why', { basis: words.basis(basis?.kind ?? 'none') });
        return { ...why, title: t('standing.basis'), line };
      }
      if (code === 'consent_withdrawn') return { ...why, title: t('standing.withdrawn'), line: t('standing.narrow') };
      if (NOT_GIVEN.includes(code)) return { ...why, title: t('standing.not_given'), line: words.checkCode(code) };
      if (code === 'separate_consent_missing') return { ...why, title: t('standing.separate'), line: '' };
      if (code === 'restricted') return { ...why, title: t('standing.restricted'), line: t('standing.narrow') };
      if (code === 'role_not_allowed') return { ...why, title: t('standing.role'), line: words.checkCode(code) };
      if (code === 'tenant_suspended')
        return { ...why, title: t('standing.suspended'), line: t('standing.suspended_why') };
      if (state === 'expected')
        return { ...why, icon: Clock, tone: '', title: t('standing.expected'), line: t('standing.expected_why') };
      return { ...why, title: t('standing.unavailable'), line: code === '' ? '' : words.checkCode(code) };
    }
  }
}
