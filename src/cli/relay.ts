// Commands of the relay: the same code as the single file dist/relay/callvault-relay.js.
import type { Command } from 'commander';
import { addRelayCommands } from '../relay/commands.ts';

/** Registers `callvault relay`. */
export function relayCommands(program: Command): void {
  addRelayCommands(program.command('relay').description('seal calls beside a PBX and upload them'));
}
