// Comments at times of the call, with the form below them.
import './comments.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/current-user.ts';
import { notifyProblem } from '../../components/notify.ts';
import { UserText } from '../../components/user-text.tsx';
import { formatClock } from '../../i18n/format-clock.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { Store } from '../../state/store.ts';
import { commentsQuery, removeComment } from '../session/api.ts';
import type { Category, Comment } from '../session/types.ts';
import type { Sound } from '../sound/sound.ts';
import { CommentForm } from './comment-form.tsx';
import type { Draft } from './drafts.ts';

type CommentsListProps = {
  readonly sound: Sound;
  readonly session: string;
  readonly comments: readonly Comment[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
  readonly onEdit: (draft: Draft) => void;
};

const TONES: Readonly<Record<Category, string>> = {
  ...{ compliance: 'yes', praise: 'yes', improve: '', 'follow-up': 'wait', note: '' },
};

export function CommentsList({ comments, ...rest }: CommentsListProps) {
  const { t } = useTranslation('player');
  if (comments.length === 0) return <p className="panel-none dim">{t('no_comments')}</p>;
  return (
    <ol className="notes">
      {comments.map((comment, n) => (
        <CommentItem key={comment.id} comment={comment} number={n + 1} {...rest} />
      ))}
    </ol>
  );
}

type CommentItemProps = Omit<CommentsListProps, 'comments'> & { readonly comment: Comment; readonly number: number };

function CommentItem({ comment, number, sound, session, chosen, onChoose, onEdit }: CommentItemProps) {
  const { t } = useTranslation('player');
  const format = useFormat();
  const words = useWords();
  const me = useMe().principal.id;
  const client = useQueryClient();
  const item = useRef<HTMLLIElement>(null);
  const [sure, setSure] = useState(false);
  const { id, start_ms: start, end_ms: end, category, visibility, text, author, created, edited } = comment;
  const on = id === chosen;
  useEffect(() => {
    if (on) item.current?.scrollIntoView({ block: 'nearest' });
  }, [on]);
  const remove = useMutation({
    mutationFn: () => removeComment(session, id),
    onError: notifyProblem,
    onSettled: () => client.invalidateQueries({ queryKey: commentsQuery(session).queryKey }),
  });
  const go = (): void => {
    onChoose(id);
    sound.seek(start);
  };
  return (
    <li ref={item} className={`note${on ? ' on' : ''}`}>
      <div className="hd">
        <span className="pinx" aria-hidden="true">
          {number}
        </span>
        <button type="button" className="at" aria-label={t('play_from', { at: formatClock(start) })} onClick={go}>
          {end === null ? formatClock(start) : `${formatClock(start)}–${formatClock(end)}`}
        </button>
        <span className="grow" />
        {visibility === 'private' ? <span className="tag line">{t('visibility.private')}</span> : null}
        <span className={`tag ${TONES[category]}`}>{t(`category.${category}`)}</span>
      </div>
      <p>
        <UserText text={text} />
      </p>
      <div className="ft">
        <span>{words.person(author.name)}</span>
        <span>·</span>
        <span title={format.dateTime(created)}>{format.near(edited ?? created)}</span>
        {edited === null ? null : <span>({t('edited')})</span>}
        <span className="grow" />
        {author.id === me ? (
          <>
            <button
              type="button"
              className="link"
              onClick={() =>
                onEdit({ text, category, visibility, editing: { id, text, category, visibility }, start, end })
              }
            >
              {t('edit')}
            </button>
            <button
              type="button"
              className={sure ? 'link no' : 'link'}
              disabled={remove.isPending}
              onBlur={() => setSure(false)}
              onClick={() => (sure ? remove.mutate() : setSure(true))}
            >
              {t(sure ? 'remove_sure' : 'remove')}
            </button>
          </>
        ) : null}
      </div>
    </li>
  );
}

type Props = {
  readonly sound: Sound;
  readonly session: string;
  readonly comments: readonly Comment[];
  readonly chosen: string | null;
  readonly draft: Store<Draft>;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onChoose: (id: string) => void;
};

export function CommentsPanel({ sound, session, comments, chosen, draft, field, onChoose }: Props) {
  const opener = useRef<HTMLElement | null>(null);
  const edit = (next: Draft): void => {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    draft.set(next);
    field.current?.focus();
  };
  return (
    <>
      <CommentsList {...{ sound, session, comments, chosen, onChoose }} onEdit={edit} />
      <CommentForm {...{ sound, session, draft, field }} onSaved={onChoose} onLeft={() => opener.current?.focus()} />
    </>
  );
}
