// Comments at times of the call, and below them the one being written.
import { type RefObject, useRef } from 'react';
import type { Store } from '../../state/store.ts';
import type { Comment } from '../session/types.ts';
import type { Sound } from '../sound/sound.ts';
import { CommentForm } from './comment-form.tsx';
import { CommentsList } from './comments-list.tsx';
import type { Draft } from './drafts.ts';

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
