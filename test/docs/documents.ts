// The documents: their paths, texts and fenced blocks.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The repository. */
export const TOP = join(import.meta.dirname, '../..');

/** The text of a document, by its path in the repository. */
export function textOf(path: string): string {
  return readFileSync(join(TOP, path), 'utf8');
}

const TOP_PAGES = ['README.md', 'README.zh-CN.md', 'CONTRIBUTING.md', 'SECURITY.md', 'CHANGELOG.md'];

/** Every document that people read, by its path in the repository. */
export function documents(): string[] {
  const under = readdirSync(join(TOP, 'docs'), { recursive: true, encoding: 'utf8', withFileTypes: true });
  const docs = under.filter((entry) => entry.isFile() && entry.name.endsWith('.md'));
  const paths = docs.map(({ parentPath, name }) => relative(TOP, join(parentPath, name)));
  return [...TOP_PAGES, 'localstack/README.md', ...paths.sort()];
}

/** The bodies of the fenced blocks whose info string is exactly this. */
export function blocks(text: string, infoString: string): string[] {
  const fenced = text.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm);
  return [...fenced].filter(([, found]) => found?.trim() === infoString).map(([, , body]) => body ?? '');
}
