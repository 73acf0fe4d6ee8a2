// Player with transcript and side panel: one session, one sound, one set of shortcuts.
import './player.css';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OneRecording } from '../api/types.ts';
import { type SideTab, Tabs } from '../components/tabs.tsx';
import { shortcutsShown } from '../state/shortcuts-shown.ts';
import { CommentsPanel } from './comments/comments-panel.tsx';
import { draftOf, isUnsaved, NO_DRAFT } from './comments/drafts.ts';
import { GoToDialog } from './controls/go-to-dialog.tsx';
import { ControlBar, ThumbControls } from './controls/transport.tsx';
import { usePlayerKeys } from './controls/use-player-shortcuts.ts';
import { LastMinute } from './session/last-minute.tsx';
import type { Session } from './session/types.ts';
import { useContent } from './session/use-content.ts';
import type { Listening } from './session/use-listening.ts';
import { Watermark } from './session/watermark.tsx';
import { NoSound } from './states/no-sound.tsx';
import { nextTurn, previousTurn } from './time/turns.ts';
import { FactsRow } from './timeline/facts-row.tsx';
import { TalkTable } from './timeline/talk-table.tsx';
import { Timeline } from './timeline/timeline.tsx';
import { useSpeakers } from './timeline/use-speakers.ts';
import { useZoom } from './timeline/zoom.tsx';
import { TranscriptCard } from './transcript/transcript-card.tsx';
import { BackToNow, TranscriptLines } from './transcript/transcript-lines.tsx';
import { useSearch } from './transcript/use-search.ts';
import { useWidth } from './use-width.ts';

type Props = {
  readonly listening: Listening;
  readonly session: Session;
  readonly recording: OneRecording;
  /** Objects that the grant covers; null while unknown. */
  readonly allowed: readonly string[] | null;
  /** Further tabs next to the comments. */
  readonly more: readonly SideTab[];
};

export function Player({ listening, session, recording, allowed, more }: Props) {
  const { sound, state, silent, finish } = listening;
  const { t, i18n } = useTranslation('player');
  const width = useWidth();
  const [narrow, phone] = [width !== 'wide', width === 'phone'];
  const root = useRef<HTMLDivElement>(null);
  const searchField = useRef<HTMLInputElement>(null);
  const commentField = useRef<HTMLTextAreaElement>(null);
  const [follow, setFollow] = useState(true);
  const [chosen, setChosen] = useState<string | null>(null);
  const [goingTo, setGoingTo] = useState(false);
  const [tab, setTab] = useState(narrow ? 'transcript' : 'comments');
  const speakerOf = useSpeakers(recording);
  const content = useContent(session, recording, sound, allowed, i18n.language);
  const { duration, marks, turns, comments, lines, language } = content;
  const search = useSearch(sound, lines, language ?? i18n.language);
  const draft = draftOf(recording.id);
  const zoom = useZoom(sound, duration);

  const turn = (by: 1 | -1): void => {
    const to = by > 0 ? nextTurn(turns, sound.position()) : previousTurn(turns, sound.position());
    if (to !== null) sound.seek(to);
  };
  const comment = (): void => {
    sound.pause();
    setTab('comments');
    requestAnimationFrame(() => commentField.current?.focus());
  };
  const find = (): void => {
    setTab((now) => (narrow ? 'transcript' : now));
    requestAnimationFrame(() => searchField.current?.select());
  };
  const choose = (id: string): void => {
    setChosen(id);
    setTab('comments');
    const start = comments.find((one) => one.id === id)?.start_ms;
    if (start !== undefined) sound.seek(start);
  };
  const step = (by: 1 | -1): void => {
    setFollow(false);
    search.step(by);
  };
  const query = (text: string): void => {
    if (text.trim() !== '') setFollow(false);
    search.setQuery(text);
  };
  usePlayerKeys(root, sound, {
    turn,
    comment,
    find,
    follow: () => setFollow((now) => !now),
    goTo: () => setGoingTo(true),
    zoom,
    help: () => shortcutsShown.set(true),
    close: () => {
      if (search.query !== '') search.setQuery('');
      else if (!isUnsaved(draft.get())) draft.set(NO_DRAFT);
    },
  });
  useFocusOnOpening(root);

  const watermark = <Watermark watermark={session.watermark} />;
  const { talk, speaking } = content;
  const facts = <FactsRow {...{ sound, marks, talk, speaking }} />;
  const controls = { sound, duration, follow, onFollow: () => setFollow(!follow), onTurn: turn, onComment: comment };
  const player = (
    <section className="card player" aria-label={t('player')} data-player-keys>
      {silent === null ? null : <NoSound why={silent} />}
      {phone || silent !== null ? null : <ControlBar {...controls} />}
      <Timeline
        {...{ sound, duration, marks, speakerOf, speaking, comments, chosen, narrow, zoom }}
        peaks={content.peaks}
        waveform={content.waveform}
        hits={search.hits}
        onComment={choose}
      />
      {phone ? null : facts}
      {watermark}
    </section>
  );
  const transcript = (
    <TranscriptCard
      content={content}
      search={{ ...search, step, setQuery: query }}
      field={searchField}
      back={<BackToNow follow={follow} onFollow={setFollow} />}
      watermark={watermark}
    >
      <TranscriptLines
        {...{ sound, speakerOf, comments, chosen, follow }}
        who={content.who}
        lines={lines ?? []}
        language={language ?? ''}
        hits={search.hits}
        hit={search.hit}
        onFollow={setFollow}
        onComment={choose}
      />
    </TranscriptCard>
  );
  const beside: SideTab[] = [
    {
      id: 'comments',
      label: t('comments'),
      count: comments.length,
      body: (
        <CommentsPanel
          {...{ sound, comments, chosen, draft }}
          session={session.id}
          field={commentField}
          onChoose={setChosen}
        />
      ),
    },
    ...(phone ? [{ id: 'talk', label: t('facts'), body: facts }] : []),
    ...more.map((one) => (one.id === 'details' ? withTalk(one, <TalkTable {...{ sound, talk, speaking }} />) : one)),
  ];
  const tabs = narrow ? [{ id: 'transcript', label: t('transcript'), body: transcript }, ...beside] : beside;
  return (
    <div ref={root} className={`split listen ${width}`}>
      <div className="left-col">
        {player}
        {state.name === 'expiring' ? <LastMinute session={session} recording={recording.id} onFinish={finish} /> : null}
        {narrow ? null : transcript}
      </div>
      <Tabs tabs={tabs} label={t('side')} chosen={tab} onChoose={setTab} />
      {phone && silent === null ? (
        <div className="thumb-bar" data-player-keys>
          <ThumbControls {...controls} />
        </div>
      ) : null}
      <GoToDialog opened={goingTo} onClose={() => setGoingTo(false)} duration={duration} onGo={sound.seek} />
    </div>
  );
}

/** Adds the talk table to the details while the content is open. */
function withTalk(details: SideTab, talk: ReactNode): SideTab {
  const body = (
    <>
      {talk}
      {details.body}
    </>
  );
  return { ...details, body };
}

/** Moves the focus into the player, because the button that opened it was removed. */
function useFocusOnOpening(root: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const lost = document.activeElement === document.body || document.activeElement?.id === 'main';
    if (lost) root.current?.querySelector<HTMLElement>('[role="slider"]')?.focus({ preventScroll: true });
  }, [root]);
}
