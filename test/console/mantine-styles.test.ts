// The style sheets of Mantine: those of the components that the console renders, and no others.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const CONSOLE = join(ROOT, 'src/console');
/** Sheets of no component. */
const BASE = ['baseline', 'default-css-variables', 'global'];

const read = (path: string): string => readFileSync(path, 'utf8');
const packageOf = (name: string): string => join(ROOT, 'node_modules', name, 'esm');

/** The file of each export of a Mantine package. */
function exportsOf(name: string): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const [, names = '', from = ''] of read(join(packageOf(name), 'index.mjs')).matchAll(
    /import \{([^}]*)\} from "(\.[^"]+)"/g,
  ))
    for (const one of names.split(',')) {
      const [imported = '', local = imported] = one.trim().split(' as ');
      files.set(local, resolve(packageOf(name), from));
    }
  return files;
}

/** Names of the style modules that these sources reach, through the files of Mantine's packages. */
function modulesOf(sources: readonly string[]): string[] {
  const packages = new Map(
    ['@mantine/core', '@mantine/dates', '@mantine/notifications'].map((name) => [name, exportsOf(name)]),
  );
  const [seen, found] = [new Set<string>(), new Set<string>()];
  const follow = (text: string, folder: string | null): void => {
    for (const [, names = '', from = ''] of text.matchAll(
      /import (?:\{([^}]*)\}|[\w$]+|)(?: from )?['"]([^'"]+)['"]/g,
    )) {
      if (folder !== null && from.startsWith('.')) visit(resolve(folder, from));
      const exported = packages.get(from);
      for (const one of exported === undefined ? [] : names.split(',')) {
        const [imported = ''] = one.trim().split(' as ');
        const file = exported?.get(imported);
        // Types and re-exports of other packages have no file.
        if (file !== undefined) visit(file);
      }
    }
  };
  const visit = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const name = basename(file);
    if (name.endsWith('.module.mjs')) found.add(`${file.split('/@mantine/')[1]?.split('/')[0]}/${name.split('.')[0]}`);
    follow(read(file), dirname(file));
  };
  for (const source of sources) follow(source, null);
  return [...found];
}

const sources = readdirSync(CONSOLE, { recursive: true, encoding: 'utf8' })
  .filter((path) => /\.tsx?$/.test(path))
  .map((path) => read(join(CONSOLE, path)));
const imported = [
  ...read(join(CONSOLE, 'theme/styles.css')).matchAll(/"@mantine\/core\/styles\/([\w-]+)\.layer\.css"/g),
].map(([, name = '']) => name);

test('styles every component of Mantine’s core that a page can render, and no other', () => {
  const needed = modulesOf(sources)
    .filter((module) => module.startsWith('core/'))
    .map((module) => module.replace('core/', ''));
  expect(needed).toContain('Modal');
  expect([...imported].sort()).toEqual([...BASE, ...needed].sort());
});

test('keeps the order of Mantine’s complete sheet, in which a later component overrides an earlier one', () => {
  const styles = join(packageOf('@mantine/core'), '..');
  const complete = read(join(styles, 'styles.css'));
  const places = imported.map((name) => {
    const sheet = read(join(styles, 'styles', `${name}.css`)).trim();
    const at = complete.indexOf(sheet);
    expect(at, name).toBeGreaterThanOrEqual(0);
    return at;
  });
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
