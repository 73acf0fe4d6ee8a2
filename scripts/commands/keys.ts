// callvault keys: the tenants' key encryption keys, counted, turned, re-wrapped to and retired.
import type { Command } from 'commander';
import { censusCommand } from './keys-census.ts';
import { checkReportCommand } from './keys-check-report.ts';
import { retireCommand } from './keys-retire.ts';
import { rewrapCommand } from './keys-rewrap.ts';
import { rotateCommand } from './keys-rotate.ts';

/** Adds the commands. */
export function keyCommands(program: Command): void {
  const keys = program.command('keys').description('key encryption keys of tenants');
  censusCommand(keys);
  rotateCommand(keys);
  rewrapCommand(keys);
  retireCommand(keys);
  checkReportCommand(keys);
}
