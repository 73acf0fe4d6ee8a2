// Form of a comment: at the playhead or over the A–B range, with its category and visibility.
import './comments.css';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import type { KeyboardEvent, RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { useProblemText } from '../../components/error-card.tsx';
import { formatClock } from '../../i18n/format-clock.ts';
import { type Store, useStore } from '../../state/store.ts';
import { commentsQuery, saveComment } from '../session/api.ts';
import { CATEGORIES, type Category, VISIBILITIES, type Visibility } from '../session/types.ts';
import { rangeOf } from '../sound/loop.ts';
import type { Sound } from '../sound/sound.ts';
import { usePosition, useSoundState } from '../sound/use-sound.ts';
import { type Draft, isUnsaved, NO_DRAFT } from './drafts.ts';

type Props = {
  readonly sound: Sound;
  readonly session: string;
  readonly draft: Store<Draft>;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  readonly onSaved: (id: string) => void;
  /** Called when editing a comment is left, by a key or a click. */
  readonly onLeft: () => void;
};

const MOST_LETTERS = 4000;

export function CommentForm({ sound, session, draft: store, field, onSaved, onLeft }: Props) {
  const { t } = useTranslation('player');
  const client = useQueryClient();
  const problemText = useProblemText();
  const draft = useStore(store);
  const range = useCommentRange(sound, draft);
  const change = (some: Partial<Draft>): void => store.set({ ...draft, ...some });
  const save = useMutation({
    mutationFn: () => {
      const { text, category, visibility, editing } = draft;
      const body = { start_ms: range.start, end_ms: range.end, category, visibility, text: text.trim() };
      return saveComment(session, editing?.id ?? null, body);
    },
    onSuccess: async ({ id }) => {
      store.set({ ...NO_DRAFT, category: draft.category, visibility: draft.visibility });
      await client.invalidateQueries({ queryKey: commentsQuery(session).queryKey });
      onSaved(id);
    },
  });
  const empty = draft.text.trim() === '';
  const submit = (): void => {
    if (!empty && !save.isPending) save.mutate();
  };
  const { editing } = draft;
  const leave = (): void => {
    store.set(NO_DRAFT);
    if (editing !== null) onLeft();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit();
    // Escape never discards a typed text; only the button does.
    if (event.key === 'Escape' && !event.nativeEvent.isComposing && editing !== null && !isUnsaved(draft)) leave();
  };
  const at = range.end === null ? formatClock(range.start) : `${formatClock(range.start)}–${formatClock(range.end)}`;
  return (
    <form
      className={editing === null ? 'compose' : 'compose editing'}
      aria-label={editing === null ? t('write_comment') : t('editing_comment', { at })}
      onKeyDown={press}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {editing === null ? null : (
        <h3 className="row">
          <Pencil className="i s" />
          {t('editing_comment', { at })}
        </h3>
      )}
      <textarea
        ref={field}
        className="in area"
        rows={3}
        maxLength={MOST_LETTERS}
        aria-label={t('comment_at', { at })}
        placeholder={t('comment_placeholder', { at })}
        value={draft.text}
        onChange={({ target }) => {
          // The position stays where the comment was begun while playback continues; in milliseconds, as lines have it.
          const begun = draft.start ?? (range.end === null ? Math.round(sound.position()) : range.start);
          change(
            target.value === '' && editing === null ? NO_DRAFT : { text: target.value, start: begun, end: range.end },
          );
        }}
      />
      {save.isError ? (
        <p className="no" role="alert">
          {problemText(save.error)}
        </p>
      ) : null}
      <div className="row wrap">
        <select
          className="ctl small"
          aria-label={t('category_label')}
          value={draft.category}
          onChange={({ target }) => change({ category: target.value as Category })}
        >
          {CATEGORIES.map((one) => (
            <option key={one} value={one}>
              {t(`category.${one}`)}
            </option>
          ))}
        </select>
        <select
          className="ctl small"
          aria-label={t('visibility_label')}
          value={draft.visibility}
          onChange={({ target }) => change({ visibility: target.value as Visibility })}
        >
          {VISIBILITIES.map((one) => (
            <option key={one} value={one}>
              {t(`visibility.${one}`)}
            </option>
          ))}
        </select>
        <span className="grow" />
        {draft.text === '' && editing === null ? null : (
          <button type="button" className="btn s q" onClick={leave}>
            {t(editing === null ? 'discard' : 'cancel_editing')}
          </button>
        )}
        <button type="submit" className="btn s p" disabled={empty || save.isPending}>
          {t('save')}
        </button>
      </div>
    </form>
  );
}

/** Range of a comment: where it was begun; before that, the A–B range or the playhead's whole second, as a preview. */
function useCommentRange(sound: Sound, draft: Draft): { readonly start: number; readonly end: number | null } {
  const { loop } = useSoundState(sound);
  const now = usePosition(sound, (ms) => Math.floor(ms / 1000) * 1000);
  if (draft.start !== null) return { start: draft.start, end: draft.end };
  const range = rangeOf(loop);
  return range === null ? { start: now, end: null } : { start: Math.round(range.start), end: Math.round(range.end) };
}
