// Questions at a terminal.
import { isCancel, select, text } from '@clack/prompts';
import { STOPPED } from '../commands/stoppable.ts';
import type { Ask } from './answers.ts';

/** Asks on stderr, so that stdout carries the result alone. Throws STOPPED when the person presses Ctrl-C. */
export const askAtTerminal: Ask = async ({ message, placeholder, choices }) => {
  const output = process.stderr;
  const answer =
    choices === undefined
      ? await text({
          ...{ message, output },
          ...(placeholder === undefined ? {} : { placeholder: `for example ${placeholder}` }),
          validate: (value) => (value === undefined || value.trim() === '' ? 'An answer is needed.' : undefined),
        })
      : await select({ message, output, options: choices.map(({ value, hint }) => ({ value, label: value, hint })) });
  if (isCancel(answer)) throw STOPPED;
  return answer;
};
