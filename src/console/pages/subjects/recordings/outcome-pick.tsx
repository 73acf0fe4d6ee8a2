// The menu that changes what becomes of one recording: only what can become of it.
import { Menu } from '@mantine/core';
import { ChevronDown } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../../i18n/use-format.ts';
import type { Outcome, SubjectRecording } from '../../../subjects/types.ts';

type Props = {
  readonly row: SubjectRecording;
  readonly outcome: Outcome;
  readonly choose: (outcome: Outcome | null) => void;
};

export function OutcomePick({ row, outcome, choose }: Props) {
  const { t } = useTranslation('subjects');
  const format = useFormat();
  const { possible, began } = row;
  if (possible.length < 2 || began === null) return null;
  const pick = (value: string): void => {
    const found = possible.find((one) => one === value) ?? null;
    choose(found === row.suggested ? null : found);
  };
  const label = (one: Outcome): string =>
    one === row.suggested ? t('table.suggested', { outcome: t(`group.${one}`) }) : t(`group.${one}`);
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <button type="button" className="btn s sq q pick" aria-label={t('table.change', { time: format.call(began) })}>
          <ChevronDown className="i s" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={outcome} onChange={pick}>
          {possible.map((one) => (
            <Menu.RadioItem key={one} value={one}>
              {label(one)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
