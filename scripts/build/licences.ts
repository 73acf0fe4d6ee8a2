// Licences of the packages whose code the build copies: their terms ask that their text goes with every copy.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

type Manifest = {
  readonly name: string;
  readonly version: string;
  readonly license?: string;
  readonly author?: string | { readonly name?: string };
};

const LICENCE_FILE = /^(licen[cs]e|notice|copying)/i;
const RULE = '-'.repeat(80);

/** One text: the packages of these files, each with its licence. Throws for a package that names no licence. */
export async function licencesOf(files: readonly string[]): Promise<string> {
  const byText = new Map<string, string[]>();
  for (const folder of packagesOf(files)) {
    const { name, version, license, author } = await manifestOf(folder);
    if (license === undefined) throw new Error(`the package ${name} names no licence: it must not be copied`);
    const by = typeof author === 'string' ? author : author?.name;
    const text = (await textIn(folder)) ?? `${license}, by ${by ?? 'its authors'}: the package has no further text`;
    byText.set(text, [...(byText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  const parts = [...byText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`);
  return [`callvault contains code of these packages.\n`, ...parts].join(`\n${RULE}\n`);
}

/** The folders of the packages that the files belong to, in order. */
function packagesOf(files: readonly string[]): string[] {
  const folders = files.flatMap((file) => /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []);
  return [...new Set(folders)].sort();
}

async function manifestOf(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Manifest;
}

async function textIn(folder: string): Promise<string | null> {
  const names = (await readdir(folder)).filter((name) => LICENCE_FILE.test(name)).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.length === 0 ? null : texts.map((text) => text.trim()).join('\n\n');
}
