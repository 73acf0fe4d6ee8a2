// Strip under the top bar while a grant is live: person, recording, reason, approver, remaining time, and a button that
// ends it.

import { useDisclosure } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { Square } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey } from '../api/client.ts';
import { can, useMe } from '../api/current-user.ts';
import { liveGrantsOnQuery, liveGrantsQuery, requestQuery } from '../api/queries.ts';
import { useNow } from '../api/server-clock.ts';
import type { Grant } from '../api/types.ts';
import { ConfirmDialog } from '../components/confirm.tsx';
import { focusMain } from '../components/focus-main.ts';
import { clockStart, ExtendButton, GrantClock, isWaiting } from '../components/grant-clock.tsx';
import { notify, notifyProblem } from '../components/notify.ts';
import { formatClock } from '../i18n/format-clock.ts';
import { useFormat } from '../i18n/use-format.ts';
import { useWords } from '../i18n/use-words.ts';
import { urgencyOf } from '../player/session/countdown.ts';
import { canPlay } from '../player/session/kept-sessions.ts';
import { ListenLink } from '../player/sound/listen-link.tsx';
import { queueQuery } from '../queue/queries.ts';
import { grantInUse } from '../state/grant-in-use.ts';
import { useStore } from '../state/store.ts';
import { LongText } from './long-text.tsx';
import { TimeLeftAnnouncer } from './time-left-announcer.tsx';

export function GrantStrip() {
  const me = useMe();
  const inUse = useStore(grantInUse);
  const { id: open } = useParams({ strict: false });
  const now = useNow(1_000);
  const enabled = can(me, 'access.request');
  const grants = useQuery({ ...liveGrantsQuery(true), enabled });
  // Calls of the queue are on their own page until they are started, except the one whose page is open.
  const here = useQuery({ ...liveGrantsOnQuery(open ?? ''), enabled: enabled && open?.startsWith('rec_') === true });
  const known = eachOnce(here.data?.data ?? [], grants.data?.data ?? []);
  const live = known.filter(({ expires }) => Date.parse(expires) > now);
  // A used-up grant stays live for its last session, and needs no strip besides that session.
  const useful = live.filter((grant) => grant.id === inUse?.grant || canPlay(grant));
  const ends = [...useful].sort((one, other) => one.expires.localeCompare(other.expires));
  const shown =
    useful.find(({ id }) => id === inUse?.grant) ?? ends.find(({ recording }) => recording === open) ?? ends[0];
  const hasExpired = known.length > live.length;
  const client = useQueryClient();
  useEffect(() => {
    if (hasExpired) void client.refetchQueries({ queryKey: ['grants', 'mine'], type: 'active' });
  }, [hasExpired, client]);
  return shown === undefined ? null : (
    <Strip
      grant={shown}
      more={useful.length - 1}
      now={now}
      isHere={shown.recording === open}
      finish={shown.id === inUse?.grant ? inUse.finish : null}
    />
  );
}

/** Each grant of these lists once, as the second has it: there its clock runs. */
function eachOnce(here: readonly Grant[], all: readonly Grant[]): readonly Grant[] {
  return [...new Map([...here, ...all].map((grant) => [grant.id, grant])).values()];
}

type StripProps = { grant: Grant; more: number; now: number; isHere: boolean; finish: (() => void) | null };

function Strip({ grant, more, now, isHere, finish }: StripProps) {
  const { t } = useTranslation();
  const me = useMe();
  const words = useWords();
  const inUse = finish !== null;
  const end = useEndGrant();
  const [asking, { open, close }] = useDisclosure(false);
  const waiting = isWaiting(grant);
  const [from, to] = [clockStart(grant), Date.parse(grant.expires)];
  const left = to - now;
  return (
    <section className="strip" aria-label={t('strip.label')}>
      <span className="live">
        <span className={inUse ? 'pulse' : 'pulse ring'} />
        {inUse ? t('strip.listening', { name: me.principal.name }) : t('strip.may_listen')}
      </span>
      <span className="sep" />
      <dl>
        {isHere ? null : <RecordingFact grant={grant} />}
        <div>
          <dt>{t('strip.purpose')}</dt>
          <dd>{words.purpose(grant.purpose)}</dd>
        </div>
        <ApprovedFacts grant={grant} all={isHere} />
      </dl>
      {more > 0 ? (
        <Link to="/access" className="link">
          {t('strip.more', { count: more })}
        </Link>
      ) : null}
      {waiting ? (
        <span className="left">
          <span className="wide-only">
            <GrantClock grant={grant} now={now} />
          </span>
          <b className="narrow-only">{formatClock((grant.minutes ?? 0) * 60_000)}</b>
        </span>
      ) : (
        <span className="left">
          <span className="wide-only">{t('strip.left_before')}</span>{' '}
          <b role="timer" className={urgencyOf(left) === 'calm' ? '' : 'wait'}>
            <GrantClock grant={grant} now={now} />
          </b>{' '}
          <span className="wide-only">{t('strip.left')}</span>
        </span>
      )}
      <span className="wide-only">
        <ExtendButton grant={grant} />
      </span>
      {isHere ? null : (
        <ListenLink recording={grant.recording} className="btn s p">
          {t('strip.listen')}
        </ListenLink>
      )}
      {inUse || grant.batch === null ? (
        <button type="button" className="btn s" disabled={end.isPending} onClick={finish ?? open}>
          {inUse ? <Square className="i s fill wide-only" /> : null}
          <span className="wide-only">{t(inUse ? 'strip.end' : 'strip.give_up')}</span>
          <span className="narrow-only">{t(inUse ? 'strip.end_short' : 'strip.give_up')}</span>
        </button>
      ) : null}
      {asking ? <GiveUpGrantDialog grant={grant.id} onClose={close} /> : null}
      {waiting ? null : (
        <>
          <i className="run" style={{ width: `${Math.min(100, Math.max(0, (left / (to - from)) * 100))}%` }} />
          <TimeLeftAnnouncer left={left} />
        </>
      )}
    </section>
  );
}

function RecordingFact({ grant }: { readonly grant: Grant }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const facts = grant.recording_facts;
  if (facts === null) return null;
  const number = (facts.direction === 'outbound' ? facts.to_masked : facts.from_masked) ?? words.direction('internal');
  return (
    <div>
      <dt>{t('strip.recording')}</dt>
      <dd>{t('strip.call', { time: format.near(facts.started_at), number })}</dd>
    </div>
  );
}

function ApprovedFacts({ grant, all }: { readonly grant: Grant; readonly all: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const words = useWords();
  const { request } = grant;
  const isAsked = request !== null;
  const asked = useQuery({ ...requestQuery(request ?? ''), staleTime: Number.POSITIVE_INFINITY, enabled: isAsked });
  const queue = useQuery({ ...queueQuery, enabled: grant.batch !== null });
  const { data } = asked;
  const last = data?.decisions.findLast(({ decision }) => decision === 'approve');
  const batch = queue.data?.data.find(({ id }) => id === grant.id)?.batch;
  const by =
    batch === undefined
      ? last && { name: last.approver_name, at: last.at }
      : { name: batch.maker.name, at: batch.created };
  return (
    <>
      {all && typeof data?.ticket === 'string' ? (
        <div className="ticket">
          <dt>{t('strip.ticket')}</dt>
          <dd>
            <LongText text={data.ticket} />
          </dd>
        </div>
      ) : null}
      <div>
        <dt>{t(isAsked ? 'strip.approved' : 'strip.assigned')}</dt>
        <dd>
          {by === undefined
            ? format.near(grant.approved)
            : t('strip.by', { name: words.person(by.name), time: format.near(by.at) })}
        </dd>
      </div>
      {all ? (
        <div className="wide-only">
          <dt>{t('strip.covers')}</dt>
          <dd>{words.objects(grant.objects)}</dd>
        </div>
      ) : null}
    </>
  );
}

/** Confirmation before a grant is ended permanently. */
export function GiveUpGrantDialog({ grant, onClose }: { readonly grant: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const end = useEndGrant();
  return (
    <ConfirmDialog
      title={t('strip.give_up_title')}
      act={t('strip.give_up_now')}
      busy={end.isPending}
      onClose={onClose}
      onAct={() => end.mutate(grant, { onSettled: onClose })}
    >
      {t('strip.give_up_text')}
    </ConfirmDialog>
  );
}

/** Ends the person's own grant; the holder needs no reason. */
export function useEndGrant() {
  const { t } = useTranslation();
  const client = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => fetchJson('POST', `/v1/grants/${id}/revoke`, { key: newIdempotencyKey() }),
    onSuccess: () => notify(t('strip.ended')),
    onError: notifyProblem,
    onSettled: async () => {
      await client.invalidateQueries({ queryKey: ['grants'] });
      setTimeout(focusMain);
    },
  });
}
