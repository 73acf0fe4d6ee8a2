// Button that copies a text and confirms it.
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

const COPIED_MS = 2_000;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const { t } = useTranslation();
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), COPIED_MS);
  };
  const Icon = copied ? Check : Copy;
  return (
    <>
      <button type="button" className="btn q copy" aria-label={label} onClick={() => void copy()}>
        <Icon className="i s" />
      </button>
      <span className="sr" role="status">
        {copied ? t('state.copied') : ''}
      </span>
    </>
  );
}
