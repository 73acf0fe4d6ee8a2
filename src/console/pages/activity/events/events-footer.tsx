// Footer of the table: loading older events, how far back the last search went, or the end of the log.
import './events-footer.css';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../i18n/use-format.ts';
import type { ActivityReply } from '../log/queries.ts';

type Props = {
  readonly looked: ActivityReply['looked'];
  readonly narrowed: boolean;
  readonly any: boolean;
  readonly more: boolean;
  readonly busy: boolean;
  readonly onMore: () => void;
};

export function EventsFooter({ looked, narrowed, any, more, busy, onMore }: Props) {
  const { t } = useTranslation('activity');
  const format = useFormat();
  const how = {
    index: format.number(looked?.oldest ?? 0),
    date: looked?.since == null ? '' : format.dateTime(looked.since),
  };
  const far = looked === null || !narrowed ? '' : any ? t('looked_on', how) : t('looked', how);
  if (!any && !more) return null;
  return (
    <div className="tfoot act-foot">
      {more ? (
        <button type="button" className="btn s" disabled={busy} onClick={onMore}>
          {narrowed ? t('further') : t('more')}
        </button>
      ) : null}
      <span role="status">{more ? far : narrowed ? t('end_filtered') : t('end')}</span>
    </div>
  );
}
