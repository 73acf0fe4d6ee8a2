// The changes of one kind that wait for a second person, with a way to the oldest.
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Hourglass } from 'lucide-react';
import { waitingChangesQuery } from '../api/queries.ts';
import { useFormat } from '../i18n/use-format.ts';
import { useWords } from '../i18n/use-words.ts';

type Props = {
  readonly kind: 'people' | 'team';
  readonly className: string;
  readonly waiting: (count: number) => string;
  readonly by: (proposed: { readonly name: string; readonly at: string }) => string;
  readonly review: string;
};

export function WaitingChanges({ kind, className, waiting: said, by, review }: Props) {
  const words = useWords();
  const format = useFormat();
  const { data } = useQuery(waitingChangesQuery);
  const waiting = data?.data.filter((one) => one.kind === kind) ?? [];
  const oldest = waiting.at(-1);
  if (oldest === undefined) return null;
  const proposed = { name: words.person(oldest.proposer_name), at: format.near(oldest.opened) };
  return (
    <div className={`card ${className}`}>
      <Hourglass className="i wait" />
      <p className="grow">
        <b>{said(waiting.length)}</b> {waiting.length === 1 ? by(proposed) : null}
      </p>
      <Link to="/changes/$id" params={{ id: oldest.id }} className="btn p">
        {review}
      </Link>
    </div>
  );
}
