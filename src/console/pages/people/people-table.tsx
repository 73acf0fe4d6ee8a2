// People and services: roles and state; for the admin also their sign-ins, and signing them out.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { LogOut } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fetchJson, newIdempotencyKey } from '../../api/client.ts';
import { can, useMe } from '../../api/current-user.ts';
import { Avatar } from '../../components/avatar.tsx';
import { ConfirmDialog } from '../../components/confirm.tsx';
import { notify, notifyProblem } from '../../components/notify.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';
import { type Person, peoplePages } from './queries.ts';

type Props = { readonly people: readonly Person[]; readonly names: ReadonlyMap<string, string> };

export function PeopleTable({ people, names }: Props) {
  const { t } = useTranslation('people');
  const admin = can(useMe(), 'people.sign-out');
  return (
    <table className="tbl ppl">
      <thead>
        <tr>
          <th className="p-name">{t('column.name')}</th>
          <th className="wide-cell">{t('column.roles')}</th>
          <th className="p-state wide-cell">{t('column.state')}</th>
          {admin ? (
            <>
              <th className="p-in wide-cell">{t('column.sign_ins')}</th>
              <th className="r p-pass wide-cell">{t('column.passkeys')}</th>
              <th className="p-seen wide-cell">{t('column.seen')}</th>
              <th className="p-act">
                <span className="sr">{t('column.actions')}</span>
              </th>
            </>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {people.map((person) => (
          <Line key={person.id} person={person} names={names} admin={admin} />
        ))}
      </tbody>
    </table>
  );
}

function Line({ person, names, admin }: { readonly person: Person; readonly admin: boolean } & Pick<Props, 'names'>) {
  const { t } = useTranslation('people');
  const words = useWords();
  const me = useMe();
  const { id, kind, roles, state, owners } = person;
  const name = person.name ?? t('sealed');
  const owned = owners.map((owner) => names.get(owner) ?? owner).join(' · ');
  const service = owned === '' ? t('service') : `${t('service')} · ${t('owners', { names: owned })}`;
  const off = state === 'off';
  return (
    <tr className={off ? 'off' : ''}>
      <td>
        <span className="row">
          <Avatar name={name} size="s" />
          <span className="grow">
            <span className="m cut" title={name}>
              {name} {id === me.principal.id ? <span className="tag line">{t('you')}</span> : null}
            </span>
            <span className="sub ppl-narrow">{roles.map(words.role).join(' · ')}</span>
            {kind === 'service' ? (
              <span className="sub cut" title={service}>
                {service}
              </span>
            ) : null}
          </span>
        </span>
      </td>
      <td className="wide-cell">
        <span className="row wrap roles">
          {roles.map((role) => (
            <span key={role} className="tag">
              {words.role(role)}
            </span>
          ))}
        </span>
      </td>
      <td className="wide-cell">
        <span className="row dotted">
          <i className={`dot ${off ? '' : 'yes'}`} />
          {t(`states.${off ? 'off' : 'active'}`)}
        </span>
      </td>
      {admin ? <SigningIn person={person} name={name} /> : null}
    </tr>
  );
}

function SigningIn({ person, name }: { readonly person: Person; readonly name: string }) {
  const { t } = useTranslation('people');
  const format = useFormat();
  const { kind, passkeys, last_seen: seen, link_until: link } = person;
  const signIns = person.sign_ins ?? 0;
  const isPerson = kind === 'person';
  return (
    <>
      <td className="wide-cell">
        {isPerson ? (
          <span className={signIns > 0 ? '' : 'mute'}>
            {signIns > 0 ? t('browsers', { count: signIns }) : t('nowhere')}
            {link === null ? null : <span className="sub">{t('link_until', { time: format.near(link) })}</span>}
          </span>
        ) : null}
      </td>
      <td className="r num pass wide-cell">{isPerson ? passkeys : ''}</td>
      <td className="dim wide-cell">{isPerson ? (seen === null ? t('never') : format.near(seen)) : ''}</td>
      <td className="r">{signIns > 0 ? <SignOut person={person} name={name} count={signIns} /> : null}</td>
    </>
  );
}

type SignOutProps = { readonly person: Person; readonly name: string; readonly count: number };

function SignOut({ person, name, count }: SignOutProps) {
  const { t } = useTranslation('people');
  const client = useQueryClient();
  const [asking, setAsking] = useState<string | null>(null);
  const out = useMutation({
    mutationFn: (key: string) => fetchJson('POST', `/v1/people/${person.id}/sign-out`, { key }),
    onSuccess: () => notify(t('signed_out', { name })),
    onError: notifyProblem,
    onSettled: async () => {
      setAsking(null);
      await client.invalidateQueries(peoplePages);
    },
  });
  return (
    <>
      <button
        type="button"
        className="btn s"
        aria-label={t('sign_out_of', { name })}
        onClick={() => setAsking(newIdempotencyKey())}
      >
        <LogOut className="i s" />
        {t('sign_out')}
      </button>
      {asking === null ? null : (
        <ConfirmDialog
          title={t('sign_out_title', { name })}
          act={t('sign_out')}
          busy={out.isPending}
          onClose={() => setAsking(null)}
          onAct={() => out.mutate(asking)}
        >
          <p>{t('sign_out_text', { count })}</p>
          <p className="dim">{t('sign_out_back')}</p>
        </ConfirmDialog>
      )}
    </>
  );
}
