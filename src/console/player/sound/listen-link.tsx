// "Listen" link: one click opens the recording's page and plays.
import { Link } from '@tanstack/react-router';
import { Play } from 'lucide-react';
import type { MouseEvent, ReactNode } from 'react';
import { setListenIntent } from './listen-intent.ts';

type Props = {
  readonly recording: string;
  readonly className: string;
  /** Accessible name where the text alone does not identify the recording. */
  readonly label?: string;
  readonly children: ReactNode;
};

export function ListenLink({ recording, className, label, children }: Props) {
  const ask = ({ ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): void => {
    // A new tab or window opens without a click in it, so playback could not start there.
    if (!(ctrlKey || metaKey || shiftKey || altKey)) setListenIntent(recording);
  };
  return (
    <Link to="/recordings/$id" params={{ id: recording }} className={className} aria-label={label} onClick={ask}>
      <Play className="i s fill" />
      {children}
    </Link>
  );
}
