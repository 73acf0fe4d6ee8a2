// Header of a recording's page: its facts, and links to its neighbours in the list.
import { Modal } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight, History, KeyRound } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Page } from '../../../http/reply-types.ts';
import type { Recording } from '../../api/types.ts';
import { CallHead } from '../../components/call-head.tsx';
import { useCallName } from '../../components/call-name.ts';
import { type SideTab, Tabs } from '../../components/tabs.tsx';
import { useTitle } from '../../components/use-title.ts';
import { EncryptionDialog } from './encryption-dialog.tsx';
import { LifetimeInHead } from './lifetime-line.tsx';

type HeadProps = {
  readonly recording: Recording;
  /** Details and activity, if the page shows them nowhere else. */
  readonly more: readonly SideTab[] | null;
};

export function RecordingHead({ recording, more }: HeadProps) {
  const { t } = useTranslation('recording');
  const [opened, setOpened] = useState(false);
  useTitle(useCallName()(recording));
  return (
    <div className="rec-head">
      <CallHead recording={recording}>
        <span className="grow" />
        <button type="button" className="btn q s enc" onClick={() => setOpened(true)}>
          <KeyRound className="i s" />
          {t('encryption')}
        </button>
        {more === null ? null : <MoreDialog tabs={more} />}
        <NeighbourLinks id={recording.id} />
      </CallHead>
      <LifetimeInHead recording={recording.id} />
      <EncryptionDialog recording={recording} opened={opened} onClose={() => setOpened(false)} />
    </div>
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

/** Recordings before and after this one in the list that the person came from, while it is cached. */
function NeighbourLinks({ id }: { readonly id: string }) {
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
      <NeighbourLink id={previous}>
        <ChevronLeft className="i s" />
        {t('previous')}
      </NeighbourLink>
      <NeighbourLink id={next}>
        {t('next')}
        <ChevronRight className="i s" />
      </NeighbourLink>
    </nav>
  );
}

function NeighbourLink({ id, children }: { readonly id: string | undefined; readonly children: React.ReactNode }) {
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
