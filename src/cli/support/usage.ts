// How all commands show required options and report wrong usage.
import { type Command, Help } from 'commander';

/** Marks required options in the help. Call it before subcommands are created: they inherit it. */
export function markRequiredOptions(program: Command): void {
  const usual = new Help();
  program.configureHelp({
    optionDescription: (option) => `${usual.optionDescription(option)}${option.mandatory ? ' (required)' : ''}`,
  });
}

/** Reports wrong usage as other problems are reported, and all missing options at once. */
export function reportUsage(command: Command): void {
  command.configureOutput({
    outputError: (text, write) => {
      const missing = command.options.filter(
        (option) => option.mandatory && command.getOptionValue(option.attributeName()) === undefined,
      );
      const isMissing = text.startsWith('error: required option') && missing.length > 0;
      const named = missing.map(({ flags }) => flags).join(', ');
      const problem = `missing required ${missing.length === 1 ? 'option' : 'options'}: ${named}\n`;
      write(`callvault: ${isMissing ? problem : text.replace(/^error: /, '')}`);
    },
  });
  for (const each of command.commands) reportUsage(each);
}
