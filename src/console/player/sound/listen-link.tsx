// The link that says "Listen": one click goes to the recording's page and plays it.
import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import type { MouseEvent, ReactNode } from 'react';
import { setListenIntent } from './listen-intent.ts';

type Props = {
  readonly recording: string;
  readonly className: string;
  /** Where the text alone does not say which recording. */
  readonly label?: string;
  readonly children: ReactNode;
};

export function ListenLink({ recording, className, label, children }: Props) {
  const ask = ({ ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): void => {
    // In a new tab or window the page opens without a click of its own.
    if (!(ctrlKey || metaKey || shiftKey || altKey)) setListenIntent(recording);
  };
  return (
    <Link to="/recordings/$id" params={{ id: recording }} className={className} aria-label={label} onClick={ask}>
      <Play className="i s fill" />
      {children}
    </Link>
  );
}
