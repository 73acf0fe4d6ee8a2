// The members of a team, and for the admin what can be taken from each at once.
import { Menu } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Ellipsis, Star, UserRoundX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey } from '../../api/client.ts';
import { can, useMe } from '../../api/current-user.ts';
import { useRefetch } from '../../api/query-client.ts';
import { Avatar } from '../../components/avatar.tsx';
import { ConfirmDialog } from '../../components/confirm.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { UserText } from '../../components/user-text.tsx';
import { useWords } from '../../i18n/use-words.ts';
import type { Team } from './queries.ts';

type Member = Team['members'][number];
/** What is asked about, with the key of its request. */
type Asking = { readonly act: 'lead' | 'member'; readonly key: string };

export function MembersTable({ team }: { readonly team: Team }) {
  const { t } = useTranslation('teams');
  const me = useMe();
  const words = useWords();
  const admin = can(me, 'people.remove');
  const members = [...team.members].sort((a, b) => Number(b.lead) - Number(a.lead));
  return (
    <table className="tbl team-tbl">
      <thead>
        <tr>
          <th>{t('column.person')}</th>
          <th className="team-part">{t('column.part')}</th>
          {admin ? (
            <th className="team-menu">
              <span className="sr">{t('column.actions')}</span>
            </th>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {members.map((member) => (
          <tr key={member.id}>
            <td>
              <span className="row">
                <Avatar name={words.person(member.name)} size="s" />
                <span className="m grow team-word">
                  <UserText text={words.person(member.name)} />{' '}
                  {member.id === me.principal.id ? <span className="tag line">{t('you')}</span> : null}
                </span>
              </span>
            </td>
            <td>{member.lead ? <span className="tag yes">{t('lead')}</span> : <span>{t('member')}</span>}</td>
            {admin ? (
              <td className="r">
                <MemberMenu team={team.id} member={member} name={words.person(member.name)} />
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type MenuProps = { readonly team: string; readonly member: Member; readonly name: string };

function MemberMenu({ team, member, name }: MenuProps) {
  const { t } = useTranslation('teams');
  const [asking, setAsking] = useState<Asking | null>(null);
  const ask = (act: Asking['act']) => () => setAsking({ act, key: newIdempotencyKey() });
  return (
    <>
      <Menu position="bottom-end" width={240}>
        <Menu.Target>
          <button type="button" className="btn s" aria-label={t('actions_of', { name })}>
            <Ellipsis className="i" />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {member.lead ? (
            <Menu.Item leftSection={<Star className="i" />} onClick={ask('lead')}>
              {t('remove.lead')}
            </Menu.Item>
          ) : null}
          <Menu.Item leftSection={<UserRoundX className="i" />} onClick={ask('member')}>
            {t('remove.member')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asking === null ? null : (
        <Confirm team={team} person={member.id} name={name} asking={asking} close={() => setAsking(null)} />
      )}
    </>
  );
}

type ConfirmProps = {
  readonly team: string;
  readonly person: string;
  readonly name: string;
  readonly asking: Asking;
  readonly close: () => void;
};

function Confirm({ team, person, name, asking: { act, key }, close }: ConfirmProps) {
  const { t } = useTranslation('teams');
  const refetchQueries = useRefetch();
  const onlyLead = act === 'lead';
  const removing = useMutation({
    mutationFn: () =>
      fetchJson('POST', `/v1/teams/${team}/remove-member`, { body: { person, only_lead: onlyLead }, key }),
    onSuccess: () => notify(t(onlyLead ? 'remove.lead_done' : 'remove.done', { name })),
    onError: notifyProblem,
    onSettled: async () => {
      close();
      await refetchQueries('teams');
    },
  });
  return (
    <ConfirmDialog
      title={t(onlyLead ? 'remove.lead_title' : 'remove.member_title', { name })}
      act={t('remove.now')}
      busy={removing.isPending}
      onClose={close}
      onAct={() => removing.mutate()}
    >
      <p>{t(onlyLead ? 'remove.lead_text' : 'remove.member_text')}</p>
      <p className="dim">{t('remove.back_text')}</p>
    </ConfirmDialog>
  );
}
