// The documents: links, variables and actions match the code, and both languages match.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withEventTable } from '../../scripts/docs/event-table.ts';
import { usersScript, withRightsTable } from '../../scripts/docs/postgres-users.ts';
import { documents, TOP, textOf } from './documents.ts';

/** A document without its fenced blocks. */
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

/** The anchors that GitHub gives the headings of a document. */
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

function textsOfConfig(): string {
  return ['src/config.ts', 'src/config/keys.ts'].map(textOf).join('\n');
}

describe('the documents', () => {
  it.each(documents())('%s links only to existing files and headings', (path) => {
    const missing = targets(path).filter(
      ({ file, fragment }) => !existsSync(join(TOP, file)) || (fragment !== '' && !anchors(file).includes(fragment)),
    );
    expect(missing).toEqual([]);
  });

  it.each(['docs/configuration.md', 'docs/zh-CN/configuration.md'])('name every variable in %s', (page) => {
    const read = [...textsOfConfig().matchAll(/^ {2}(CALLVAULT_[A-Z0-9_]+):/gm)].map(([, name]) => name);
    const listed = [...textOf(page).matchAll(/^\| `(CALLVAULT_[A-Z0-9_]+)` \|/gm)].map(([, name]) => name);
    expect(read.length).toBeGreaterThan(5);
    expect([...listed].sort()).toEqual([...read].sort());
  });

  it('have the events of the catalogue in docs/log.md (npm run docs:events writes them)', () => {
    const page = textOf('docs/log.md');
    expect(page).toContain('| `access.approved` | Approved a request | tenant | request | `recording`');
    expect(page).toBe(withEventTable(page));
    expect(withEventTable(page.replace('`access.approved`', '`access.given`'))).toBe(page);
  });

  it('have the rights of each database user (npm run docs:users writes them)', () => {
    const page = textOf('docs/operations/postgres-users.md');
    expect(page).toContain('| `access_grant` | – |');
    expect(page).toBe(withRightsTable(page));
    expect(textOf('docs/operations/postgres-users.sql')).toBe(usersScript());
  });

  it('name every variable in the list to copy from', () => {
    const read = [...textsOfConfig().matchAll(/^ {2}((?:CALLVAULT|AWS)_[A-Z0-9_]+):/gm)].map(([, name]) => name);
    const list = [...textOf('localstack/.env.example').matchAll(/^(?:# )?((?:CALLVAULT|AWS_REGION)[A-Z0-9_]*)=/gm)];
    expect(list.map(([, name]) => name).sort()).toEqual([...read].sort());
  });

  it.each([
    ['README.md', 'README.zh-CN.md'],
    ['docs/curl.md', 'docs/zh-CN/curl.md'],
    ['docs/limits.md', 'docs/zh-CN/limits.md'],
    ['docs/changes.md', 'docs/zh-CN/changes.md'],
    ['docs/consent.md', 'docs/zh-CN/consent.md'],
    ['docs/holds.md', 'docs/zh-CN/holds.md'],
    ['docs/certificates.md', 'docs/zh-CN/certificates.md'],
    ['docs/subject-requests.md', 'docs/zh-CN/subject-requests.md'],
    ['docs/configuration.md', 'docs/zh-CN/configuration.md'],
    ['docs/relay.md', 'docs/zh-CN/relay.md'],
  ])('have in %s the blocks (not their comments), sections, items, pages and pictures of %s', (english, chinese) => {
    const all = (path: string, found: RegExp) =>
      [...textOf(path).matchAll(found)].map(([whole]) => whole.replace(/ {2,}# .*$/gm, ''));
    const same = (found: RegExp) => expect(all(chinese, found)).toEqual(all(english, found));
    same(/^```[\s\S]*?^```$/gm);
    same(/^(## |- |\d+\. )/gm);
    const linked = (path: string) =>
      [...new Set(targets(path).map(({ file }) => file.replace('.zh-CN.', '.en.').replace('/zh-CN/', '/')))]
        .filter((file) => !/README/.test(file))
        .sort();
    expect(linked(chinese).filter((file) => !linked(english).includes(file))).toEqual([]);
    if (english === 'README.md') expect(linked(chinese)).toEqual(linked(english));
  });

  it('keep the READMEs short', () => {
    for (const path of ['README.md', 'README.zh-CN.md'])
      expect(textOf(path).split('\n').length, path).toBeLessThanOrEqual(150);
  });
});
