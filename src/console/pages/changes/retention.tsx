// A change of the retention rules, with the parts of the page that is about them: loaded with its texts, on demand.
import { lazy, Suspense } from 'react';
import { whenOnline } from '../../api/online.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { withTexts } from '../../i18n/language.ts';
import type { OneChange } from './queries.ts';

const parts = () => whenOnline(() => withTexts('retentionPage', () => import('./retention-parts.tsx')));
const Main = lazy(async () => ({ default: (await parts()).ChangeMain }));
const Side = lazy(async () => ({ default: (await parts()).ChangeSide }));

export function RetentionRules({ change }: { readonly change: OneChange }) {
  return (
    <Suspense fallback={<Skeleton rows={6} shape="lines" />}>
      <Main change={change} />
    </Suspense>
  );
}

export function RetentionSide({ change, name }: { readonly change: OneChange; readonly name: string }) {
  return (
    <Suspense fallback={<Skeleton rows={4} shape="lines" />}>
      <Side change={change} name={name} />
    </Suspense>
  );
}
