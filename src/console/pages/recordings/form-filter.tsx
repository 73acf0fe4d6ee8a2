// Filter of the list with a form in a popover.
import { Popover } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { FilterLabel } from '../../components/pick-filter.tsx';

type Props = {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly isOn: boolean;
  readonly width: number;
  /** The form. Mounted each time it opens, with the current value of the filter. */
  readonly form: (close: () => void) => ReactNode;
};

/** Filter with a form in a popover. */
export function FormFilter({ icon, label, isOn, width, form }: Props) {
  const [opened, { open, close, toggle }] = useDisclosure(false);
  return (
    <Popover opened={opened} onChange={(to) => (to ? open() : close())} trapFocus width={width} position="bottom-start">
      <Popover.Target>
        <button type="button" className={isOn ? 'ctl on' : 'ctl'} aria-expanded={opened} onClick={toggle}>
          <FilterLabel icon={icon}>{label}</FilterLabel>
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label={label}>{form(close)}</Popover.Dropdown>
    </Popover>
  );
}
