// Restricting this recording, or proposing to lift its restriction. The dialogs load on demand.
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { can, useMe } from '../../api/current-user.ts';
import { whenOnline } from '../../api/online.ts';
import { waitingChangesQuery } from '../../api/queries.ts';
import type { OneRecording } from '../../api/types.ts';
import { withTexts } from '../../i18n/language.ts';

const RestrictDialog = lazy(async () => {
  const load = () => whenOnline(() => withTexts('consent', () => import('../consent/restrict-dialog.tsx')));
  return { default: (await load()).RestrictDialog };
});
const LiftDialog = lazy(async () => {
  const load = () => whenOnline(() => withTexts('consent', () => import('../consent/lift-dialog.tsx')));
  return { default: (await load()).LiftDialog };
});

export function RestrictionButton({ recording: { id, restricted } }: { readonly recording: OneRecording }) {
  const { t } = useTranslation('recording');
  const me = useMe();
  const [opened, { open, close }] = useDisclosure(false);
  const changes = can(me, 'basis.change');
  const waiting = useQuery({
    ...waitingChangesQuery,
    enabled: changes && restricted !== null && can(me, 'change.read'),
  });
  const proposed = waiting.data?.data.find(({ lift }) => lift?.restrictions?.includes(id) === true);
  if (!changes) return null;
  if (restricted !== null && proposed !== undefined)
    return (
      <p className="dim small">
        {t('lift_waits')}{' '}
        <Link to="/changes/$id" params={{ id: proposed.id }} className="link">
          {t('lift_review')}
        </Link>
      </p>
    );
  const Dialog = restricted === null ? RestrictDialog : LiftDialog;
  return (
    <>
      <button type="button" className="btn s" onClick={open}>
        {t(restricted === null ? 'restrict' : 'lift')}
      </button>
      {opened ? (
        <Suspense fallback={null}>
          <Dialog recording={id} close={close} />
        </Suspense>
      ) : null}
    </>
  );
}
