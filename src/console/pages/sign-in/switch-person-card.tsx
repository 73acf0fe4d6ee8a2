// Confirmation for a link that was opened while a person is signed in.
import { Link2, UserRoundCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Me } from '../../api/types.ts';
import { useWords } from '../../i18n/use-words.ts';

type Props = { readonly now: Me; readonly keep: () => void; readonly goOn: () => void };

export function SwitchPersonCard({ now, keep, goOn }: Props) {
  const { t } = useTranslation('signIn');
  const words = useWords();
  const name = words.person(now.principal.name === '' ? null : now.principal.name);
  return (
    <section className="card door-card stack g4">
      <div className="stack">
        <h1>{t('asked')}</h1>
        <p className="m" role="status">
          {t('asked_now', { name, tenant: now.tenant.name })}
        </p>
        <p className="dim">{t('asked_text')}</p>
      </div>
      <div className="stack">
        <button type="button" className="btn p l" onClick={keep}>
          <UserRoundCheck className="i" />
          {t('keep')}
        </button>
        <button type="button" className="btn l" onClick={goOn}>
          <Link2 className="i" />
          {t('go_on')}
        </button>
      </div>
    </section>
  );
}
