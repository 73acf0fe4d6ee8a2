// callvault doctor: does what the service does, and says what stands in the way.
import type { Command } from 'commander';
import { examine } from '../../src/vault/doctor/examine.ts';
import { withVault } from './with-vault.ts';

/** Adds the command. */
export function doctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check database, store and keys by using them; exit code 1 where something stands in the way')
    .option('--new-key', 'also ask for a new key (made once, for nobody, and found again by every later run)')
    .action(({ newKey = false }: { readonly newKey?: boolean }) =>
      withVault(async (vault, by) => {
        let wrong = 0;
        let tried = false;
        for await (const { name, ok, detail } of examine(vault, by, newKey)) {
          if (!ok) wrong++;
          tried ||= name.startsWith('keys');
          process.stdout.write(`${ok ? '✓' : '✗'} ${name} — ${detail}\n`);
        }
        if (!tried)
          process.stdout.write(
            '- keys: not tried, there is no active tenant yet (--new-key makes a key and tries it)\n',
          );
        if (wrong > 0) process.exitCode = 1;
      }),
    );
}
