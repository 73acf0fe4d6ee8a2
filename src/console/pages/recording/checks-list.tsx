// The checks of a decision in their order: passed, the first failing one boxed, those not reached hollow.
import { Ellipsis, Check as Tick, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Check } from '../../api/types.ts';
import { useWords } from '../../i18n/use-words.ts';

export function ChecksList({ checks }: { readonly checks: readonly Check[] }) {
  const { t } = useTranslation('checks');
  const words = useWords();
  const failing = checks.findIndex(({ ok }) => ok === false);
  return (
    <ol className="checks">
      {checks.map(({ check, ok, code, detail }, n) => {
        const look = ok === true ? '' : ok === false ? (n === failing ? ' bad' : ' warn') : ' idle';
        const Mark = ok === true ? Tick : ok === false ? X : Ellipsis;
        const said = t(ok === true ? 'passed' : ok === false ? 'failed' : 'idle');
        return (
          <li key={check} className={`ck${look}`}>
            <span className="st">
              <Mark className="i" aria-hidden="true" />
              <span className="sr">{said}</span>
            </span>
            <span className="tt">{words.check(check)}</span>
            <span className="d">{ok === true ? (detail ?? '') : code === undefined ? '' : words.checkCode(code)}</span>
          </li>
        );
      })}
    </ol>
  );
}
