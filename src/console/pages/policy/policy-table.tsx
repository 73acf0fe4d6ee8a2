// A policy in plain words: what each purpose requires, and what holds for all.
import { useTranslation } from 'react-i18next';
import { useWords } from '../../i18n/use-words.ts';
import { POLICY_MEMBERS, RULE_MEMBERS, usePolicyWords } from '../changes/use-policy-words.ts';
import type { PolicyData } from './queries.ts';

/** The purposes in the order in which people read them. */
export const PURPOSES = ['quality', 'complaint', 'training', 'dispute', 'legal', 'subject-request'] as const;

type Rule = NonNullable<PolicyData['purposes']['quality']>;

/** Whether consent counts for the tenant's own purposes although no person gave it: only the tenant's default says so. */
function isWeak(purpose: string, { bases, consent = 'any' }: Rule): boolean {
  return (purpose === 'quality' || purpose === 'training') && bases.includes('consent') && consent === 'any';
}

export function PolicyTable({ policy }: { readonly policy: PolicyData }) {
  const { t } = useTranslation('policy');
  const words = useWords();
  const { nameOf, textOf } = usePolicyWords();
  return (
    <>
      {PURPOSES.map((purpose) => {
        const rule = policy.purposes[purpose];
        return (
          <section key={purpose} className="card pad stack g3" aria-label={words.purpose(purpose)}>
            <h3>{words.purpose(purpose)}</h3>
            {rule === undefined ? (
              <p className="dim">{t('not_allowed')}</p>
            ) : (
              <dl className="facts">
                {RULE_MEMBERS.map((name) => (
                  <div key={name}>
                    <dt>{nameOf(name)}</dt>
                    <dd>
                      {textOf(name, rule[name])}
                      {name === 'consent' && isWeak(purpose, rule) ? (
                        <span className="no"> {t('consent.weak')}</span>
                      ) : null}
                    </dd>
                  </div>
                ))}
              </dl>
            )}
          </section>
        );
      })}
      <section className="card pad stack g3" aria-label={t('everyone')}>
        <h3>{t('everyone')}</h3>
        <dl className="facts">
          {POLICY_MEMBERS.map((name) => (
            <div key={name}>
              <dt>{nameOf(name)}</dt>
              <dd>{textOf(name, policy[name])}</dd>
            </div>
          ))}
        </dl>
      </section>
    </>
  );
}
