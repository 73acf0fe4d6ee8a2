// What the documents say about files and variables is so.
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { documents, TOP, textOf } from './documents.ts';

/** Targets of links that point into the repository, without their fragment. */
function targets(text: string): string[] {
  const prose = text.replace(/^```[\s\S]*?^```$/gm, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? '');
  return links.filter((target) => !/^([a-z]+:|#)/.test(target)).map((target) => target.replace(/#.*$/, ''));
}

describe('the documents', () => {
  it.each(documents())('%s links only to what is there', (path) => {
    const missing = targets(textOf(path)).filter((target) => !existsSync(join(TOP, dirname(path), target)));
    expect(missing).toEqual([]);
  });

  it('name every variable of the configuration in the README’s table, and no other', () => {
    const read = [...textOf('src/config.ts').matchAll(/^ {2}(CALLVAULT_[A-Z_]+):/gm)].map(([, name]) => name);
    const told = [...textOf('README.md').matchAll(/^\| `(CALLVAULT_[A-Z_]+)` \|/gm)].map(([, name]) => name);
    expect(read.length).toBeGreaterThan(5);
    expect([...told].sort()).toEqual([...read].sort());
  });

  it('name every route in the README, and no other', () => {
    const sources = readdirSync(join(TOP, 'src/http/routes')).map((file) => textOf(`src/http/routes/${file}`));
    const served = sources.flatMap((source) =>
      [...source.matchAll(/method: '([a-z]+)',\s+path: '([^']+)'/g)].map(([, method, path]) => `${method} ${path}`),
    );
    const told = [...textOf('README.md').matchAll(/`(GET|PUT|POST|DELETE) (\/v1[^`?]*)/g)];
    expect(served.length).toBeGreaterThan(15);
    expect(told.map(([, method, path]) => `${method?.toLowerCase()} ${path}`).sort()).toEqual(served.sort());
  });

  it('keep the README short', () => {
    expect(textOf('README.md').split('\n').length).toBeLessThanOrEqual(251);
  });
});
