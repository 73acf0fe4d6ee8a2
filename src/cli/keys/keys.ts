// Commands for the key encryption keys of tenants: census, rotation, re-wrapping, retirement.
import type { Command } from 'commander';
import { censusCommand } from './census.ts';
import { checkReportCommand } from './check-report.ts';
import { retireCommand } from './retire.ts';
import { rewrapCommand } from './rewrap.ts';
import { rotateCommand } from './rotate.ts';

/** Registers `callvault keys`. */
export function keyCommands(program: Command): void {
  const keys = program.command('keys').description('key encryption keys of tenants');
  censusCommand(keys);
  rotateCommand(keys);
  rewrapCommand(keys);
  retireCommand(keys);
  checkReportCommand(keys);
}
