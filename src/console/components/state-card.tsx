// Card for every empty, waiting or failed state: what happened, what is safe, one next step.
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from './copy-button.tsx';

export type Tone = 'plain' | 'wait' | 'no';

type Props = {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly tone?: Tone;
  /** The next step: one button, with at most a short text. */
  readonly action?: ReactNode;
  readonly requestId?: string | null;
  /** Without a border, inside another card. */
  readonly bare?: boolean;
  readonly level?: 1 | 2;
};

const EDGE_CLASS = { plain: '', wait: ' waitline', no: ' noline' };

export function StateCard(props: Props) {
  const { icon: Icon, title, children, tone = 'plain', action, requestId, bare = false, level = 2 } = props;
  const { t } = useTranslation();
  const Heading = level === 1 ? 'h1' : 'h2';
  return (
    <div className={bare ? 'sb' : `card sb${EDGE_CLASS[tone]}`} role={tone === 'no' ? 'alert' : undefined}>
      <div className="mg">
        <span className={`ic ${tone}`}>
          <Icon className="i l" />
        </span>
        <div className="grow">
          <Heading className="sb-title">{title}</Heading>
          <div className="dim">{children}</div>
          {action === undefined ? null : <div className="row sb-act">{action}</div>}
          {typeof requestId === 'string' ? (
            <p className="rq-id">
              {t('state.request')} <span className="mono">{shortRequestId(requestId)}</span>
              <CopyButton text={requestId} label={t('state.copy_request')} />
            </p>
          ) : null}
        </div>
      </div>
    </div>
  );
}

/** First and last characters of a request id, to compare by eye. */
function shortRequestId(id: string): string {
  return id.length > 20 ? `${id.slice(0, 9)}…-${id.slice(-4)}` : id;
}
