// Command to copy and run in a terminal.
import './command.css';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../../components/copy-button.tsx';

export function Command({ text }: { readonly text: string }) {
  const { t } = useTranslation('keys');
  return (
    <span className="row cmd">
      <code className="mono grow">{text}</code>
      <CopyButton text={text} label={t('job.copy')} />
    </span>
  );
}
