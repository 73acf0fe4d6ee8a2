// Time and objects of several approvals: at most what each of the requests asks for.
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AccessRequestView } from '../../api/types.ts';
import { useWords } from '../../i18n/use-words.ts';
import { type ClockLimits, ClockPick, WHOLE_CLOCK } from './clock-pick.tsx';

/** Null: as requested. */
export type Limits = {
  readonly minutes: number | null;
  readonly withTranscript: boolean;
  readonly clock: ClockLimits;
};

const SHORTER = [5, 10, 15, 30];

export function useLimits() {
  return useState<Limits>({ minutes: null, withTranscript: true, clock: WHOLE_CLOCK });
}

/** What these limits leave of a request; a request for the transcript alone keeps it. */
export function limitsOf({ minutes, objects }: AccessRequestView, limits: Limits) {
  const kept = limits.withTranscript || !objects.includes('audio') ? objects : ['audio'];
  return { minutes: Math.min(minutes, limits.minutes ?? minutes), objects: kept };
}

type Props = {
  readonly requests: readonly AccessRequestView[];
  readonly limits: Limits;
  readonly pick: (limits: Limits) => void;
};

export function LimitsPick({ requests, limits, pick }: Props) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const longest = Math.max(1, ...requests.map(({ minutes }) => minutes));
  const choices = [...SHORTER.filter((length) => length < longest).slice(-2), longest];
  const objects = [...new Set(requests.flatMap((request) => request.objects))];
  const asked = limits.minutes ?? longest;
  return (
    <>
      <fieldset className="field">
        <legend className="lb">{t('bulk.time')}</legend>
        <div className="seg full">
          {choices.map((length) => (
            <button
              key={length}
              type="button"
              aria-pressed={length === Math.min(asked, longest)}
              onClick={() => pick({ ...limits, minutes: length === longest ? null : length })}
            >
              {t('minutes', { count: length })}
            </button>
          ))}
        </div>
      </fieldset>
      {requests[0] === undefined ? null : (
        <ClockPick
          purpose={requests[0].purpose}
          limits={limits.clock}
          pick={(clock) => pick({ ...limits, clock })}
          each
        />
      )}
      {objects.includes('audio') && objects.includes('transcript') ? (
        <label className="row what">
          <input
            type="checkbox"
            className="box"
            checked={limits.withTranscript}
            onChange={({ currentTarget: { checked } }) => pick({ ...limits, withTranscript: checked })}
          />
          <span className="grow">{words.objects(['audio', 'transcript'])}</span>
        </label>
      ) : null}
    </>
  );
}
