// The page of commands: every command and option of the CLI, and no others.
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/cli.ts';
import { textOf } from './documents.ts';

/** Every command that can be run, by its words, with its options. */
function leaves(command: Command, words: readonly string[] = []): [name: string, options: string[]][] {
  if (command.commands.length > 0) return command.commands.flatMap((one) => leaves(one, [...words, one.name()]));
  return [[words.join(' '), command.options.map(({ long }) => long ?? '')]];
}

const GLOBAL = ['--help', '--json', '--env-file', '--version'];
const page = textOf('docs/commands.md');
const rows = page.split('\n').filter((line) => line.startsWith('| `'));

describe('the page of commands', async () => {
  const all = leaves(await createProgram());

  it.each(all)('has %s with its options', (name, options) => {
    const found = rows.filter((row) => row.includes(`\`${name} `) || row.includes(`\`${name}\``));
    expect(found, name).toHaveLength(1);
    for (const option of options) expect(found[0], `${name} ${option}`).toContain(option);
  });

  it('has no other command and no other option', () => {
    const named = rows.flatMap((row) => {
      const [, first = ''] = row.split('|');
      return [...first.matchAll(/`([a-z][a-z-]*(?: [a-z][a-z-]*)*)/g)].map(([, name]) => name);
    });
    expect(named.sort()).toEqual(all.map(([name]) => name).sort());
    const options = new Set(all.flatMap(([, of]) => of));
    const told = [...page.matchAll(/--[a-z][a-z-]+/g)].map(([option]) => option);
    expect(told.filter((option) => !options.has(option) && !GLOBAL.includes(option))).toEqual([]);
  });
});
