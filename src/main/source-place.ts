// Places in the sources: the build joins many sources into one file, whose lines say nothing to a reader.
import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

const IN_BUILD = /(file:\/\/[^()]*\/dist\/server\/[^/()]+\.js):(\d+):(\d+)/;
const MOST = 200;
/** Found once each: a file's map is large, and is not kept. */
const known = new Map<string, string>();

/** A line of a stack, with the place in the sources instead of that in the build; unchanged where there is no map. */
export function sourcePlace(line: string): string {
  return line.replace(IN_BUILD, (place, file: string, row: string, column: string) => {
    const found = known.get(place) ?? find(file, Number(row), Number(column)) ?? place;
    if (known.size < MOST) known.set(place, found);
    return found;
  });
}

/** Rows and columns of a stack begin with 1, those of a map with 0. */
function find(file: string, row: number, column: number): string | null {
  try {
    const map = new SourceMap(JSON.parse(readFileSync(fileURLToPath(`${file}.map`), 'utf8')));
    const entry = map.findEntry(row - 1, column - 1);
    if (!('originalSource' in entry)) return null;
    const { originalSource, originalLine, originalColumn } = entry;
    return `${originalSource.replace(/^(\.\.\/)+/, '')}:${originalLine + 1}:${originalColumn + 1}`;
  } catch {
    return null;
  }
}
