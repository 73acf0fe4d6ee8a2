// Questions at a terminal.
import { isCancel, select, text } from '@clack/prompts';
import { VaultError } from '../../errors.ts';
import { STOPPED } from '../support/stop-signal.ts';
import type { AskQuestion, Question } from './answers.ts';

/** Asks on stderr, so that stdout has the result alone. Throws STOPPED when the person presses Ctrl-C. */
export const askAtTerminal: AskQuestion = async ({ message, placeholder, check, choices, optional }) => {
  const output = process.stderr;
  const answer =
    choices === undefined
      ? await text({
          ...{ message, output },
          ...(placeholder === undefined ? {} : { placeholder: `for example ${placeholder}` }),
          validate: (value) =>
            value !== undefined && value.trim() !== ''
              ? wrongIn(value.trim(), check)
              : optional === true
                ? undefined
                : 'An answer is needed.',
        })
      : await select({ message, output, options: choices.map(({ value, hint }) => ({ value, label: value, hint })) });
  if (isCancel(answer)) throw STOPPED;
  return answer ?? '';
};

function wrongIn(text: string, check: Question['check']): string | undefined {
  try {
    check?.(text);
    return undefined;
  } catch (error) {
    if (error instanceof VaultError) return error.message;
    throw error;
  }
}
