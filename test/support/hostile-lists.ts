// Call lists that are made to cost much for their bytes.

const listOf = (header: string, lines: number, line: (n: number) => string): Buffer =>
  Buffer.from(`${header}\n${Array.from({ length: lines }, (_, n) => line(n)).join('\n')}\n`);

/** Lists by what is wrong with them. `lines`: how many; `round`: each time other calls. */
export const HOSTILE_LISTS: Readonly<Record<string, (lines: number, round: number) => Buffer>> = {
  'of broken lines': (lines) => listOf('call_id,queue', lines, () => 'a"b'),
  'of broken lines, 64 kB': () => listOf('call_id,queue', 16_000, () => 'a"b'),
  'of quotes': (lines) => listOf('call_id,queue', lines, () => '"",""x,""""'),
  'of lines that are rejected': (lines) => listOf('call_id,recorded', lines, (n) => `r${n},maybe`),
  'of rounded ids': (lines) => listOf('call_id', lines, () => '1.73285E+11'),
  'of empty lines': (lines) => listOf('call_id', lines * 10, () => ''),
  'of separators': (lines) => listOf('call_id', lines, () => ',,,,,,,,,'),
  'with a quote that is never closed': () => Buffer.from(`call_id,queue\n"${'x\n'.repeat(60_000)}`),
  'of one call with other values': (lines, round) =>
    listOf('call_id,queue', lines / 200, (n) => `o${round},queue-${n % 2}`),
};
