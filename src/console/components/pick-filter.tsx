// Filter of a list: a button with a menu of which one value is chosen, or none.
import { Menu } from '@mantine/core';
import { ChevronDown, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

/** Icon and name of a filter's button. */
export function FilterLabel({ icon: Icon, children }: { readonly icon: LucideIcon; readonly children: ReactNode }) {
  return (
    <>
      <Icon className="i s" />
      {children}
      <ChevronDown className="i s" />
    </>
  );
}

type Props<Choice extends string> = {
  readonly icon: LucideIcon;
  readonly label: string;
  /** Undefined: no value is chosen. */
  readonly chosen: string | undefined;
  readonly choices: readonly Choice[];
  readonly word: (choice: Choice) => string;
  /** The word for no value. */
  readonly any: string;
  readonly choose: (choice: Choice | undefined) => void;
};

export function PickFilter<Choice extends string>(props: Props<Choice>) {
  const { icon, label, chosen, choices, word, any, choose } = props;
  return (
    <Menu position="bottom-start" width={180}>
      <Menu.Target>
        <button type="button" className={chosen === undefined ? 'ctl' : 'ctl on'}>
          <FilterLabel icon={icon}>{label}</FilterLabel>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.RadioGroup value={chosen ?? ''} onChange={(value) => choose(choices.find((one) => one === value))}>
          <Menu.RadioItem value="">{any}</Menu.RadioItem>
          {choices.map((choice) => (
            <Menu.RadioItem key={choice} value={choice}>
              {word(choice)}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
      </Menu.Dropdown>
    </Menu>
  );
}
