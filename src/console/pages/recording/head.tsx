// The head of a recording: where it belongs, when and who, its facts in a line, its neighbours in the list.
import { Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import {
  CalendarClock,
  Check,
  ChevronLeft,
  ChevronRight,
  Clock3,
  Globe,
  History,
  KeyRound,
  Mic,
  Ticket,
  Users,
} from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../../../http/api.ts';
import type { Recording } from '../../api/types.ts';
import { useTitle } from '../../components/use-title.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { clock } from '../../player/clock.ts';
import { type SideTab, Tabs } from '../../player/tabs.tsx';
import { EncryptionDialog } from './encryption-dialog.tsx';

type HeadProps = {
  readonly recording: Recording;
  /** Details and activity, where they stand nowhere else on the page. */
  readonly more: readonly SideTab[] | null;
};

export function RecordingHead({ recording, more }: HeadProps) {
  const { t } = useTranslation('recording');
  const { t: shell } = useTranslation('shell');
  const [opened, setOpened] = useState(false);
  const heading = useHeading(recording);
  useTitle(heading);
  return (
    <header className="stack rec-head">
      <nav className="crumb" aria-label={shell('crumbs')}>
        <Link to="/recordings">{shell('nav.recordings')}</Link>
        <ChevronRight className="i" />
        {recording.queue === null ? null : (
          <>
            <span>{recording.queue}</span>
            <ChevronRight className="i" />
          </>
        )}
        <span className="mono">{recording.id.slice(0, 14)}…</span>
      </nav>
      <div className="head mid">
        <h1>{heading}</h1>
        <span className="grow" />
        <button type="button" className="btn q s enc" onClick={() => setOpened(true)}>
          <KeyRound className="i s" />
          {t('encryption')}
        </button>
        {more === null ? null : <MoreDialog tabs={more} />}
        <Neighbours id={recording.id} />
      </div>
      <Facts recording={recording} />
      <EncryptionDialog recording={recording} opened={opened} onClose={() => setOpened(false)} />
    </header>
  );
}

function MoreDialog({ tabs }: { readonly tabs: readonly SideTab[] }) {
  const { t } = useTranslation('recording');
  const [opened, setOpened] = useState(false);
  const [tab, setTab] = useState('activity');
  return (
    <>
      <button type="button" className="btn q s" onClick={() => setOpened(true)}>
        <History className="i s" />
        {t('who_heard')}
      </button>
      <Modal
        opened={opened}
        onClose={() => setOpened(false)}
        title={t('title')}
        size="lg"
        closeButtonProps={{ 'aria-label': t('close') }}
      >
        <Tabs tabs={tabs} label={t('title')} chosen={tab} onChoose={setTab} />
      </Modal>
    </>
  );
}

const CALLS = ['inbound', 'outbound', 'internal'] as const;

function useHeading({ started_at, direction, from_masked, to_masked }: Recording): string {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const call = CALLS.find((known) => known === direction) ?? 'other';
  const number = direction === 'outbound' ? to_masked : from_masked;
  const told = { time: format.near(started_at), direction: t(`call.${call}`) };
  return number === null || number === undefined ? t('heading_plain', told) : t('heading', { ...told, number });
}

function Facts({ recording }: { readonly recording: Recording }) {
  const { t } = useTranslation('recording');
  const format = useFormat();
  const words = useWords();
  const { agent, queue, duration_ms: duration, language, basis, ticket } = recording;
  const kept = 'retain_until' in recording ? String(recording.retain_until) : null;
  return (
    <div className="facts">
      {agent === null ? null : (
        <span>
          <Mic className="i s" />
          {t('agent', { name: agent })}
        </span>
      )}
      {queue === null ? null : (
        <span>
          <Users className="i s" />
          {t('queue', { name: queue })}
        </span>
      )}
      {duration === null ? null : (
        <span>
          <Clock3 className="i s" />
          {clock(duration)}
        </span>
      )}
      {language === null ? null : (
        <span className="more">
          <Globe className="i s" />
          {words.speech(language)}
        </span>
      )}
      {basis === null ? null : (
        <span className="more">
          <Check className="i s" />
          {basis.at === undefined
            ? words.basis(basis.kind)
            : t('basis_at', { basis: words.basis(basis.kind), time: format.near(basis.at) })}
        </span>
      )}
      {ticket === null ? null : (
        <span className="more">
          <Ticket className="i s" />
          {t('ticket', { ticket })}
        </span>
      )}
      {kept === null || kept === 'null' ? null : (
        <span className="more">
          <CalendarClock className="i s" />
          {format.day(kept)}
        </span>
      )}
    </div>
  );
}

/** The recordings before and after in the list one came from, where it is still remembered. */
function Neighbours({ id }: { readonly id: string }) {
  const { t } = useTranslation('recording');
  const client = useQueryClient();
  const ids = client
    .getQueriesData<
      { readonly pages?: readonly Page<{ readonly id: string }>[] } & Partial<Page<{ readonly id: string }>>
    >({
      queryKey: ['recordings'],
    })
    .map(([, data]) => (data?.pages?.flatMap((page) => page.data) ?? data?.data ?? []).map((one) => one.id));
  const list = ids.find((some) => some.includes(id)) ?? [];
  const at = list.indexOf(id);
  const [previous, next] = [list[at - 1], list[at + 1]];
  if (list.length < 2) return null;
  return (
    <nav className="row g1" aria-label={t('neighbours')}>
      <Neighbour id={previous}>
        <ChevronLeft className="i s" />
        {t('previous')}
      </Neighbour>
      <Neighbour id={next}>
        {t('next')}
        <ChevronRight className="i s" />
      </Neighbour>
    </nav>
  );
}

function Neighbour({ id, children }: { readonly id: string | undefined; readonly children: React.ReactNode }) {
  return id === undefined ? (
    <button type="button" className="btn s" disabled>
      {children}
    </button>
  ) : (
    <Link to="/recordings/$id" params={{ id }} className="btn s">
      {children}
    </Link>
  );
}
