// The parts of a proposed version: its two lists with what changes, one recording under both, the preview, the decision.
import '../../retention/retention.css';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useNow } from '../../api/server-clock.ts';
import { saveFile } from '../../components/save-file.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { PreviewCard } from '../../retention/preview-card.tsx';
import { type RetentionEffects, rulesPages } from '../../retention/queries.ts';
import { RulesTables } from '../../retention/rules-tables.tsx';
import { useRuleWords } from '../../retention/use-rule-words.ts';
import { Decision, type DecisionExtra } from './decision.tsx';
import type { OneChange } from './queries.ts';
import { OneRecordingCard } from './retention-recording.tsx';
import { shortDigest } from './short-digest.ts';

/** An approval needs effects that were counted less than a day ago. */
const PREVIEW_MS = 86_400_000;

type Props = { readonly change: OneChange };

/** What a change of retention rules sets and would do. */
export function effectsOf({ retention }: OneChange): RetentionEffects | null {
  return retention as RetentionEffects | null;
}

/** The numbers of the version before and the one that a change sets; a first version has none before. */
export function useVersions(base: string | null): { readonly was: number | null; readonly now: number } {
  const all = useInfiniteQuery(rulesPages);
  const known = (all.data?.pages ?? []).flatMap(({ data }) => data).find(({ id }) => id === base);
  const was = known?.version ?? null;
  return { was, now: (was ?? 0) + 1 };
}

export function ChangeMain({ change }: Props) {
  const effects = effectsOf(change);
  const versions = useVersions(effects?.base ?? null);
  if (effects === null) return null;
  const { was, set, difference, preview } = effects;
  return (
    <>
      <RulesTables set={set} was={was} difference={difference} counts={preview.rules} />
      {change.state === 'open' ? <OneRecordingCard change={change.id} versions={versions} /> : null}
    </>
  );
}

export function ChangeSide({ change, name }: Props & { readonly name: string }) {
  const { t } = useTranslation('retentionPage');
  const { periodOf } = useRuleWords();
  const format = useFormat();
  const now = useNow(15_000);
  const effects = effectsOf(change);
  const versions = useVersions(effects?.base ?? null);
  if (effects === null) return null;
  const { preview, set } = effects;
  const left = Date.parse(preview.at) + PREVIEW_MS - now;
  const extra: DecisionExtra = {
    details: {
      'another-person': t('check.proposed_by', { name }),
      'base-current': versions.was === null ? '' : t('version', { number: versions.was }),
      'preview-fresh': t('check.fresh', { time: format.span(left) }),
    },
    pending: t('check.pending'),
    beside: <DownloadPreview change={change} />,
    footnote: t('footnote', { grace: periodOf(set.grace), digest: shortDigest(change) }),
  };
  return (
    <>
      <PreviewCard preview={preview} grace={set.grace} versions={versions} />
      <Decision change={change} name={name} extra={extra} />
    </>
  );
}

function DownloadPreview({ change }: Props) {
  const { t } = useTranslation('retentionPage');
  const { id, retention } = change;
  const save = (): void =>
    saveFile(`callvault-preview-${id}.json`, JSON.stringify({ change: id, ...retention }, null, 2));
  return (
    <button type="button" className="btn" onClick={save}>
      <Download className="i s" />
      {t('download')}
    </button>
  );
}
