// Why a hold could not be placed or added to, in a form.
import { useTranslation } from 'react-i18next';
import { problemOf } from '../../api/problem.ts';
import { useProblemText } from '../../components/error-card.tsx';

/** The text of an error. A recording that the list names may not exist, or be erased: the API does not say which. */
export function useFailure(): (error: unknown) => React.ReactNode {
  const { t } = useTranslation('holds');
  const textOf = useProblemText();
  return (error) => {
    const code = problemOf(error)?.code ?? '';
    const named = code === 'not_found' || code === 'erased' ? t(`failed.${code}`) : null;
    const invalid = problemOf(error)?.errors.some(({ pointer }) => pointer.includes('language')) ?? false;
    return <p className="no">{invalid ? t('failed.language') : (named ?? textOf(error))}</p>;
  };
}
