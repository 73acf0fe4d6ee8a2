// Runbooks: every command runs unchanged and in order, in a deployment made for the page, and prints the output on the page.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needs } from '../support/needs.ts';
import { textOf } from './documents.ts';
import { type Block, blocksOf, KINDS, type Kind, missing, pathOfBuilt, runBlocks } from './runbook.ts';
import { type Deployed, onKeyring, onKms, withoutIndex } from './runbook-deployments.ts';

const PAGES: Readonly<Record<string, Partial<Record<Kind, (folder: string) => Promise<Deployed>>>>> = {
  rotation: { 'sh runbook-test': onKeyring, 'sh aws': onKms },
  compromise: { 'sh runbook-test': onKeyring, 'sh aws': onKms },
  'key-service-down': { 'sh runbook-test': onKeyring, 'sh aws': onKms },
  'key-move': { 'sh aws': onKms },
  'index-lost': { 'sh runbook-test': withoutIndex },
};

/** A page has a dozen commands, each a child process. */
const PATIENCE_MS = 1_800_000;

const top = await mkdtemp(join(tmpdir(), 'callvault-runbooks-'));
let path: string;
beforeAll(async () => {
  path = await pathOfBuilt(join(top, 'package'));
});
afterAll(() => rm(top, { recursive: true, force: true }));

const lacking: Readonly<Record<Kind, string>> = {
  'sh runbook-test': needs('curl').reason,
  'sh aws': [needs('curl'), needs('awscli'), needs('moto')]
    .map(({ reason }) => reason)
    .join(' ')
    .trim(),
};

/** Variables that a block uses and no earlier block sets. */
function introduced(blocks: readonly Block[]): readonly string[] {
  const all = blocks.map(({ body }) => body).join('\n');
  const set = new Set([...all.matchAll(/\b([A-Z][A-Z_]*)=|for ([A-Z_]+) in/g)].map(([, one, other]) => one ?? other));
  return [...new Set([...all.matchAll(/\$\{?([A-Z][A-Z_]*)/g)].map(([, name]) => name ?? ''))].filter(
    (name) => !set.has(name),
  );
}

describe.each(Object.entries(PAGES))('docs/operations/%s.md', (name, deployments) => {
  const page = `docs/operations/${name}.md`;
  const blocks = blocksOf(page);

  it('has no command that the test does not run', () => {
    const others = blocks.filter(({ kind }) => !(KINDS as readonly string[]).includes(kind) || !(kind in deployments));
    expect(others.map(({ kind, line }) => `line ${line}: ${kind}`)).toEqual([]);
    expect(Object.keys(deployments).filter((kind) => blocks.every((block) => block.kind !== kind))).toEqual([]);
  });

  it('describes each variable at its top', () => {
    const described = [...textOf(page).matchAll(/^\| `\$([A-Z_]+)` \|/gm)].map(([, variable]) => variable);
    expect([...introduced(blocks)].sort()).toEqual([...described].sort());
  });

  for (const kind of KINDS) {
    const deploy = deployments[kind];
    if (deploy === undefined) continue;
    it.skipIf(lacking[kind] !== '')(
      `does what it says: ${kind} ${lacking[kind]}`,
      { timeout: PATIENCE_MS },
      async ({ signal }) => {
        const folder = await mkdtemp(join(top, `${name}-`));
        const deployed = await deploy(folder);
        try {
          const mine = blocks.filter((block) => block.kind === kind);
          const { code, outputs } = await runBlocks(
            mine,
            join(folder, 'here'),
            { ...deployed.env, PATH: path },
            signal,
          );
          for (const [n, output] of outputs.entries()) {
            const { line, seen } = mine[n] as Block;
            expect.soft(missing(seen, output), `${page}:${line}`).toBeNull();
          }
          const last = mine[outputs.length - 1]?.line;
          expect({ code, last }, `${page}:${last} prints:\n${outputs.at(-1)}`).toEqual({
            code: 0,
            last: mine.at(-1)?.line,
          });
          expect(outputs).toHaveLength(mine.length);
        } finally {
          await deployed.end();
        }
      },
    );
  }
});
