// What the documents say about files and variables is so.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents, TOP, textOf } from './documents.ts';

/** A document without what stands in its fenced blocks. */
function prose(text: string): string {
  return text.replace(/^```[\s\S]*?^```$/gm, '');
}

/** Links of a document that point into the repository: the path of the target, and the fragment or ''. */
function targets(path: string): { readonly file: string; readonly fragment: string }[] {
  const links = [...prose(textOf(path)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
  return links
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => {
      const [file = '', fragment = ''] = target.split('#');
      return { file: file === '' ? path : join(dirname(path), file), fragment };
    });
}

/** What GitHub calls the headings of a document. */
function anchors(path: string): string[] {
  const headings = [...prose(textOf(path)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading ?? '');
  return headings.map((heading) =>
    heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documents', () => {
  it.each(documents())('%s links only to what is there', (path) => {
    const missing = targets(path).filter(
      ({ file, fragment }) => !existsSync(join(TOP, file)) || (fragment !== '' && !anchors(file).includes(fragment)),
    );
    expect(missing).toEqual([]);
  });

  it('name every variable of the configuration in the README’s table, and no other', () => {
    const read = [...textOf('src/config.ts').matchAll(/^ {2}(CALLVAULT_[A-Z0-9_]+):/gm)].map(([, name]) => name);
    const told = [...textOf('README.md').matchAll(/^\| `(CALLVAULT_[A-Z0-9_]+)` \|/gm)].map(([, name]) => name);
    expect(read.length).toBeGreaterThan(5);
    expect([...told].sort()).toEqual([...read].sort());
  });

  it('name every route in docs/api.md, and no other', () => {
    const sources = readdirSync(join(TOP, 'src/http/routes')).map((file) => textOf(`src/http/routes/${file}`));
    const served = sources.flatMap((source) =>
      [...source.matchAll(/method: '([a-z]+)',\s+path: '([^']+)'/g)].map(([, method, path]) => `${method} ${path}`),
    );
    const told = [...textOf('docs/api.md').matchAll(/`(GET|PUT|POST|DELETE) (\/v1[^`?]*)/g)];
    expect(served.length).toBeGreaterThan(15);
    expect(told.map(([, method, path]) => `${method?.toLowerCase()} ${path}`).sort()).toEqual(served.sort());
  });

  it('name every action of the log, and no other', () => {
    const union = /export type AuditAction =([^;]+);/.exec(textOf('src/model/audit-event.ts'))?.[1] ?? '';
    const written = [...union.matchAll(/'([a-z_.]+)'/g)].map(([, action]) => action);
    const line = /^\*\*Actions\*\*: .*$/m.exec(textOf('docs/log.md'))?.[0] ?? '';
    const told = [...line.matchAll(/`([a-z_.]+)`/g)].map(([, action]) => action);
    expect(written.length).toBeGreaterThan(20);
    expect([...told].sort()).toEqual([...written].sort());
  });

  it('name every variable in the page about running and in the list to copy from', () => {
    const read = [...textOf('src/config.ts').matchAll(/^ {2}((?:CALLVAULT|AWS)_[A-Z0-9_]+):/gm)].map(
      ([, name]) => name,
    );
    const page = [...textOf('docs/operations/running.md').matchAll(/^\| `((?:CALLVAULT|AWS)_[A-Z0-9_]+)`/gm)];
    const list = [...textOf('localstack/.env.example').matchAll(/^(?:# )?((?:CALLVAULT|AWS_REGION)[A-Z0-9_]*)=/gm)];
    expect(page.map(([, name]) => name).sort()).toEqual([...read].sort());
    expect(list.map(([, name]) => name).sort()).toEqual([...read].sort());
  });

  it('tell the same in the Chinese README: blocks, variables, pages and pictures', () => {
    const [english, chinese] = [textOf('README.md'), textOf('README.zh-CN.md')];
    const all = (text: string, found: RegExp) => [...text.matchAll(found)].map(([whole]) => whole);
    const fenced = /^```[\s\S]*?^```$/gm;
    expect(all(chinese, fenced)).toEqual(all(english, fenced));
    const variables = /^\| `CALLVAULT_[A-Z0-9_]+` \|/gm;
    expect(all(chinese, variables)).toEqual(all(english, variables));
    const linked = (path: string) =>
      [...new Set(targets(path).map(({ file }) => file))].filter((file) => !/README/.test(file));
    const pictured = (file: string) => file.replace('.zh-CN.png', '.en.png');
    const pages = linked('README.zh-CN.md').map(pictured);
    expect(pages.filter((file) => !linked('README.md').includes(file))).toEqual([]);
    expect(linked('README.md').filter((file) => !pages.includes(file))).toEqual([]);
    expect(all(chinese, /^## /gm).length).toBe(all(english, /^## /gm).length);
  });

  it('keep the README short', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(252);
  });
});
