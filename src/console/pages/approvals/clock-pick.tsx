// The clock of an approval: until when the first listen may start it, and whether the grant can be extended once.
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { policyQuery } from '../../api/queries.ts';
import { serverNow, useNow } from '../../api/server-clock.ts';
import type { Proof } from '../../api/step-up.ts';
import { useFormat } from '../../i18n/use-format.ts';
import { useWords } from '../../i18n/use-words.ts';

/** `hours` of the window; null: as many as the policy allows. */
export type ClockLimits = { readonly hours: number | null; readonly extend: boolean };

/** All that the policy allows. */
export const WHOLE_CLOCK: ClockLimits = { hours: null, extend: true };

const SHORTER_HOURS = [1, 2, 4];
const HOUR_MS = 3_600_000;

function timeIn(hours: number, now: number): string {
  return new Date(now + hours * HOUR_MS).toISOString();
}

/** These limits as an approval has them, from now on. */
export function clockLimitsOf({ hours, extend }: ClockLimits) {
  return {
    ...(hours === null ? {} : { opens_until: timeIn(hours, serverNow()) }),
    ...(extend ? {} : { extend: false }),
  };
}

/** The clock that the policy gives a purpose; undefined until the policy is read. */
function useClockRule(purpose: string) {
  return useQuery(policyQuery).data?.purposes.find((one) => one.purpose === purpose);
}

type PickProps = {
  readonly purpose: string;
  readonly limits: ClockLimits;
  readonly pick: (limits: ClockLimits) => void;
  /** Whether it is the clock of each of several approvals. */
  readonly each?: boolean;
};

export function ClockPick({ purpose, limits, pick, each = false }: PickProps) {
  const { t } = useTranslation('approvals');
  const format = useFormat();
  const now = useNow(15_000);
  const rule = useClockRule(purpose);
  if (rule === undefined) return null;
  const { window_hours: most, extend_minutes: more } = rule;
  if (most === null) return <p className="dim small">{t('clock.approval')}</p>;
  const choices = [...SHORTER_HOURS.filter((hours) => hours < most).slice(-1), most];
  const chosen = limits.hours === null ? most : Math.min(limits.hours, most);
  return (
    <>
      <fieldset className="field">
        <legend className="lb">
          {t('clock.first_listen')}
          <span className="mute">{t('clock.most', { count: most })}</span>
        </legend>
        <div className="seg full">
          {choices.map((hours) => (
            <button
              key={hours}
              type="button"
              aria-pressed={hours === chosen}
              onClick={() => pick({ ...limits, hours: hours === most ? null : hours })}
            >
              {format.near(timeIn(hours, now))}
            </button>
          ))}
        </div>
      </fieldset>
      {more === 0 ? null : (
        <label className="row what">
          <input
            type="checkbox"
            className="box"
            checked={limits.extend}
            onChange={({ currentTarget: { checked } }) => pick({ ...limits, extend: checked })}
          />
          <span className="grow">{t(each ? 'clock.extend_each' : 'clock.extend', { count: more })}</span>
        </label>
      )}
    </>
  );
}

type SignedProps = {
  readonly purpose: string;
  readonly clock: ClockLimits;
  readonly objects: readonly string[];
  /** From the shortest to the longest of the approvals. */
  readonly minutes: readonly [least: number, most: number];
  readonly proof: Proof;
};

/** What the passkey will sign of an approval, and what is only in the log; nothing where no passkey signs. */
export function SignedLine({ purpose, clock, objects, minutes: [least, most], proof }: SignedProps) {
  const { t } = useTranslation('approvals');
  const words = useWords();
  const format = useFormat();
  const now = useNow(15_000);
  const rule = useClockRule(purpose);
  if (rule === undefined || proof !== 'passkey' || objects.length === 0) return null;
  const { window_hours: window, extend_minutes: more } = rule;
  const signed = {
    objects: words.objects(objects),
    minutes: t(least === most ? 'minutes' : 'clock.up_to', { count: most }),
  };
  const until = window === null ? null : format.near(timeIn(Math.min(clock.hours ?? window, window), now));
  return (
    <p className="dim small">
      {until === null ? t('clock.signed_now', signed) : t('clock.signed', { ...signed, until })}
      {until === null || more === 0 ? null : ` ${t(clock.extend ? 'clock.logged' : 'clock.logged_none')}`}
    </p>
  );
}
