// The pane beside a list: one item of it, or why the list could not be read. On small screens list and item are separate.
import { Link } from '@tanstack/react-router';
import { ChevronLeft } from 'lucide-react';
import type { ReactNode } from 'react';
import { ErrorCard } from './error-card.tsx';

type Props = {
  readonly label: string;
  /** The way back to the list, on small screens; null while the list is shown. */
  readonly back: {
    readonly to: '/approvals' | '/changes' | '/policy';
    readonly text: string;
    readonly onClick?: () => void;
  } | null;
  /** The page's title: the list that has it is hidden on small screens. */
  readonly title: string;
  readonly list: {
    readonly isError: boolean;
    readonly error: unknown;
    readonly data: unknown;
    readonly refetch: () => Promise<unknown>;
  };
  readonly failed: string;
  readonly children: ReactNode;
};

export function DetailPane({ label, back, title, list, failed, children }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="dt-pane" aria-label={label} tabIndex={0}>
      {back === null ? null : (
        <div className="narrow-only">
          <h1 className="sr">{title}</h1>
          <Link to={back.to} className="btn q to-list" onClick={() => back.onClick?.()}>
            <ChevronLeft className="i" />
            {back.text}
          </Link>
        </div>
      )}
      {list.isError && list.data === undefined ? (
        <div className="dt-one">
          <ErrorCard error={list.error} title={failed} onRetry={() => void list.refetch()} />
        </div>
      ) : null}
      {children}
    </section>
  );
}
