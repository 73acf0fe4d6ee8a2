// A change that answers a subject request: loaded with the texts of those requests, on demand.
import { lazy, Suspense } from 'react';
import { whenOnline } from '../../api/online.ts';
import { Skeleton } from '../../components/skeleton.tsx';
import { withTexts } from '../../i18n/language.ts';
import type { OneChange } from './queries.ts';

const Card = lazy(async () => ({
  default: (await whenOnline(() => withTexts('subjects', () => import('./answer-parts.tsx')))).AnswerParts,
}));

export function AnswerCard({ answer }: { readonly answer: NonNullable<OneChange['answer']> }) {
  return (
    <Suspense fallback={<Skeleton rows={4} shape="lines" />}>
      <Card answer={answer} />
    </Suspense>
  );
}
