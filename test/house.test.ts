// The house rules: the repository keeps them, and each rule fails on a violation planted in a small tree.
// Long because every form of a violation is a separate row.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkHouse, type Rule, type Violation } from './support/house/check-house.ts';

const TOP = join(import.meta.dirname, '..');
const FIRST = '// A file of a planted tree.\n';

type Tree = Record<string, string>;
type Planted = [name: string, tree: Tree];

const hole = (code: string): string => `\${${code}}`;

/** Adds a first line to each text, so that the planted code begins on line 2. */
function check(tree: Tree): Violation[] {
  return checkHouse(new Map(Object.entries(tree).map(([path, text]) => [path, FIRST + text])));
}

function read(path: string): string {
  return readFileSync(join(TOP, path), 'utf8');
}

function realTree(): Map<string, string> {
  const paths = ['src', 'scripts', 'test'].flatMap((top) =>
    readdirSync(join(TOP, top), { recursive: true, encoding: 'utf8' }).map((path) => `${top}/${path}`),
  );
  const sources = paths.filter((path) => /\.[cm]?[jt]sx?$/.test(path) && !/(^|\/)(node_modules|dist)\//.test(path));
  return new Map(sources.sort().map((path) => [path, read(path)]));
}

const DECIPHER = "import { createDecipheriv } from 'node:crypto';\ncreateDecipheriv('aes-256-gcm', key, iv);";

const PLANTED: Record<Rule, Planted[]> = {
  room: [
    ['a file that lies in no room', { 'src/helpers/text.ts': '' }],
    ['a file beside the adapters', { 'src/adapters/shared.ts': '' }],
  ],
  arrow: [
    ['an import over several lines', { 'src/model/a.ts': "import {\n  one, // 'x'\n  two,\n} from '../vault/b.ts';" }],
    ['an import for its effect', { 'src/http/a.ts': "import '../adapters/aws/s3.ts';" }],
    ['an import of types where none may pass', { 'src/http/a.ts': "import type { Store } from '../ports/store.ts';" }],
    ['a type written as import()', { 'src/model/a.ts': "type A = import('../ports/a.ts').A;" }],
    ['a dynamic import', { 'src/envelope/a.ts': "const a = await import('../model/a.ts');" }],
    [
      'a dynamic import inside a template',
      { 'src/envelope/a.ts': `const a = \`${hole("await import('../model/a.ts')")}\`;` },
    ],
    ['a dynamic import by a template', { 'src/envelope/a.ts': 'await import(`../model/a.ts`);' }],
    ['an import behind a regex with quotes', { 'src/work.ts': 'const q = /[\'"`/]/;\nimport "./compose.ts";' }],
    ['an import behind a division', { 'src/work.ts': 'const q = a / b; import "./compose.ts"; a / b;' }],
    ['a re-export', { 'src/messages/a.ts': "export { code } from '../errors.ts';" }],
    ['a re-export of types', { 'src/messages/a.ts': "export type { Code } from '../errors.ts';" }],
    ['a require', { 'src/vault/core/a.ts': "const sql = require('../../adapters/sql/a.ts');" }],
    ['an import equals', { 'src/vault/core/a.ts': "import sql = require('../../adapters/sql/a.ts');" }],
    ['a call of createRequire', { 'scripts/a.ts': "createRequire(import.meta.url)('../src/http/app.ts');" }],
    ['a require made earlier', { 'scripts/a.ts': "const load = createRequire(here());\nload('../src/http/app.ts');" }],
    ['the console with more than types of http', { 'src/console/a.tsx': "import { app } from '../http/app.ts';" }],
    ['an inline type, which loads', { 'src/console/a.tsx': "import { type App } from '../http/app.ts';" }],
    ['one adapter in another', { 'src/adapters/aws/a.ts': "import { a } from '../sql/a.ts';" }],
    ['a concrete adapter in main', { 'src/main.ts': "import { a } from './adapters/local/a.ts';" }],
    ['bytes in the console', { 'src/console/a.ts': "import { a } from '../bytes/a.ts';" }],
    ['of the model more than the log in the console', { 'src/console/a.ts': "import { a } from '../model/a.ts';" }],
    ['the rest of the model in the log', { 'src/model/log/a.ts': "import type { A } from '../a.ts';" }],
    ['bytes in the log of the model', { 'src/model/log/a.ts': "import { a } from '../../bytes/a.ts';" }],
    ['test support in the service', { 'src/vault/core/a.ts': "import { a } from '../../test/support/a.ts';" }],
    ['main in a command other than serve', { 'src/cli/sweep.ts': "import { main } from '../main.ts';" }],
    ['main in a script other than serve', { 'scripts/sweep.ts': "import { main } from '../src/main.ts';" }],
    ['a script in a command', { 'src/cli/sweep.ts': "import { day } from '../../scripts/demo/day.ts';" }],
    ['the bench in a script', { 'scripts/sweep.ts': "import { run } from '../test/bench/bench.ts';" }],
    ['a built file of a forbidden room', { 'scripts/a.ts': "import { app } from '../dist/src/http/app.js';" }],
  ],
  package: [
    ['a package in errors', { 'src/errors.ts': "import { z } from 'zod';" }],
    ['a built-in module without its prefix', { 'src/vault/core/a.ts': "import { readFileSync } from 'fs';" }],
    ['a built-in module through process', { 'src/vault/core/a.ts': "process.getBuiltinModule('node:fs');" }],
    ['the technology of another adapter', { 'src/adapters/local/a.ts': "import { S3 } from '@aws-sdk/client-s3';" }],
    ['a path inside a package', { 'src/http/a.ts': "import { a } from 'kysely/helpers/sqlite';" }],
    ['the server itself in http', { 'src/http/a.ts': "import { serve } from '@hono/node-server';" }],
    ['a rival outside the bench', { 'scripts/a.ts': "import * as age from 'age-encryption';" }],
  ],
  computed: [['an import that is computed', { 'src/compose.ts': "await import('./adapters/' + name);" }]],
  alias: [
    ['a path alias', { 'src/vault/core/a.ts': "import { a } from '@/model/a.ts';" }],
    ['an import of package.json', { 'src/vault/core/a.ts': "import { a } from '#model/a.ts';" }],
  ],
  cycle: [
    [
      'a cycle of three',
      {
        'src/model/a.ts': "import { b } from './b.ts';",
        'src/model/b.ts': "import { c } from './c.ts';",
        'src/model/c.ts': "import { a } from './a.ts';",
      },
    ],
    ['a cycle of types', { 'src/model/a.ts': "import type { A } from './a.ts';" }],
  ],
  feature: [
    [
      'a feature in another that its table does not name',
      { 'src/vault/deposit/a.ts': "import { b } from '../access/b.ts';", 'src/vault/access/b.ts': '' },
    ],
    [
      'a type of a feature in the core',
      { 'src/vault/core/a.ts': "import type { B } from '../access/b.ts';", 'src/vault/access/b.ts': '' },
    ],
    ['a feature that the table does not know', { 'src/vault/karaoke/a.ts': '' }],
    ['a file beside the features', { 'src/vault/a.ts': '' }],
  ],
  folders: [
    [
      'two folders that need each other, through four files',
      {
        'src/http/routes/a.ts': "import { b } from '../schemas/b.ts';",
        'src/http/schemas/b.ts': '',
        'src/http/schemas/c.ts': "import type { D } from '../routes/d.ts';",
        'src/http/routes/d.ts': '',
      },
    ],
    [
      'a folder and a file beside it',
      {
        'src/http/app.ts': "import { a } from './routes/a.ts';",
        'src/http/routes/a.ts': '',
        'src/http/routes/b.ts': "import { app } from '../app.ts';",
      },
    ],
    [
      'three folders of the core',
      {
        'src/vault/core/a/1.ts': "import '../b/1.ts';",
        'src/vault/core/b/1.ts': '',
        'src/vault/core/b/2.ts': "import '../c/1.ts';",
        'src/vault/core/c/1.ts': '',
        'src/vault/core/c/2.ts': "import '../a/2.ts';",
        'src/vault/core/a/2.ts': '',
      },
    ],
  ],
  ports: [
    ['a constant', { 'src/ports/a.ts': 'export type A = { b: 1 };\nexport const a = 1;' }],
    ['a function behind a type without semicolon', { 'src/ports/a.ts': 'type A = 1\nexport function a() {}' }],
    ['a call', { 'src/ports/a.ts': 'export interface A { b: 1 }\nregister();' }],
    ['an import that runs', { 'src/ports/a.ts': "import { type A } from './b.ts';" }],
  ],
  env: [
    ['process.env', { 'src/main.ts': 'const port = process.env.PORT;' }],
    ["process['env']", { 'src/main.ts': "const port = process['env']['PORT'];" }],
    ['process?.env', { 'src/main.ts': 'const port = process?.env.PORT;' }],
    ['globalThis.process.env', { 'src/main.ts': 'const port = globalThis.process.env.PORT;' }],
    ['process.env inside a template', { 'src/main.ts': `const at = \`//${hole('{ a: process.env.HOST }.a')}\`;` }],
    ['an env taken from process', { 'src/main.ts': 'const { env } = process;' }],
    ['another name for process', { 'src/main.ts': 'const world = globalThis.process;' }],
    ['env of node:process', { 'src/main.ts': "import { exit, env } from 'node:process';" }],
    ['node:process under another name', { 'src/main.ts': "import * as world from 'node:process';" }],
    ['node:process loaded later', { 'src/main.ts': "const { env } = await import('node:process');" }],
    ['process.env in a script that starts nothing', { 'scripts/sweep.ts': 'process.env.HOME;' }],
    ['process.env in a test that starts nothing', { 'test/a.test.ts': 'process.env.HOME;' }],
  ],
  decipher: [
    [
      'one by its name, one as a member',
      { 'src/envelope/a.ts': DECIPHER, 'scripts/a.ts': "crypto['createDecipheriv']();" },
    ],
  ],
  impure: [
    ['Date.now', { 'src/vault/core/a.ts': 'const now = Date.now();' }],
    ['new Date()', { 'src/model/a.ts': 'const now = new Date();' }],
    ['new Date', { 'src/model/a.ts': 'const now = new Date;' }],
    ['setTimeout', { 'src/vault/core/a.ts': 'setTimeout(done, 10);' }],
    ['setInterval of globalThis', { 'src/vault/core/a.ts': 'globalThis.setInterval(done, 10);' }],
    ['a timer handed on', { 'src/vault/core/a.ts': 'run(work, setTimeout);' }],
    ['AbortSignal.timeout', { 'src/vault/core/a.ts': 'AbortSignal.timeout(10);' }],
    ['performance.now', { 'src/model/a.ts': 'performance.now();' }],
    ['the console', { 'src/vault/core/a.ts': "console.error('x');" }],
  ],
  random: [['Math.random', { 'src/envelope/a.ts': "Math['random']();" }]],
  long: [
    ['301 lines without a reason', { 'test/a.test.ts': 'a();\n'.repeat(300) }],
    ['a reason far below', { 'test/a.test.ts': `${'a();\n'.repeat(300)}// Long because.` }],
  ],
  'first-line': [
    ['nothing said', { 'src/errors.ts': '' }],
    ['a directive in its place', { 'src/errors.ts': '// @ts-nocheck' }],
    ['nothing said after the shebang', { 'scripts/callvault.js': '#!/usr/bin/env node\nrun();\n// The bin.' }],
  ],
  vacuous: [
    ['a regex as a member', { 'test/a.test.ts': 'expect(told).toMatchObject({ code: 1, err: /whole/ });' }],
    ['a regex in a list', { 'test/a.test.ts': 'expect(told).toMatchObject([{ code: 1 }, [/whole/, /half/]]);' }],
  ],
  barrel: [
    ['an export of everything', { 'src/model/all.ts': "export * from './a.ts';" }],
    ['an export of every type', { 'src/model/all.ts': "export type * as a from './a.ts';" }],
    ['an index', { 'src/model/index.ts': '' }],
  ],
  default: [
    ['a default export', { 'src/model/a.ts': 'export default 1;' }],
    ['a default by another name', { 'src/model/a.ts': 'const a = 1;\nexport { b, a as default };' }],
    ['a default passed on', { 'src/model/a.ts': "export { default } from './b.ts';" }],
  ],
  enum: [['an enum', { 'src/model/a.ts': 'export const enum State { Open }' }]],
  namespace: [['a namespace', { 'src/model/a.ts': 'export namespace state { type A = 1 }' }]],
  unreadable: [['a template without end', { 'src/model/a.ts': 'const a = `' }]],
};

const HARMLESS: Planted[] = [
  [
    'a folder that stands on a file beside it',
    {
      'src/http/routes/a.ts': "import { b } from '../b.ts';",
      'src/http/b.ts': '',
      'src/http/app.ts': "import './routes/a.ts';",
    },
  ],
  [
    'a feature with the core and one of its table',
    {
      'src/vault/listening/a.ts': "import { b } from '../access/b.ts';\nimport { c } from '../core/c.ts';",
      'src/vault/access/b.ts': "import { c } from '../core/c.ts';",
      'src/vault/core/c.ts': '',
    },
  ],
  [
    'forbidden words in comments, strings, templates and regexes',
    {
      'src/vault/core/a.ts':
        "// import '../http/a.ts'; setTimeout(process.env)\n/* export default 1;\nconsole.log() */\n" +
        'const a = \'import "../http/a.ts"; createDecipheriv\';\n' +
        `const b = \`process.env ${hole(`\`it's ${hole('{ a }.a')} Date.now()\``)} new Date() '\`;\n` +
        "const c = /import '..\\/http';|Math.random()/;",
      'src/envelope/a.ts': DECIPHER,
    },
  ],
  [
    'the raw loop of the bench beside the one that deciphers',
    { 'src/envelope/a.ts': DECIPHER, 'test/bench/raw-loop.ts': DECIPHER },
  ],
  ['deciphering in a test', { 'src/envelope/a.ts': DECIPHER, 'test/a.test.ts': DECIPHER }],
  [
    'types of http in the console',
    { 'src/console/a.tsx': "import type { App } from '../http/app.ts';\n<p>don't / do</p>;" },
  ],
  ['types of the server in http', { 'src/http/a.ts': "import type { HttpBindings } from '@hono/node-server';" }],
  ['the environment in config', { 'src/config.ts': 'process.env;' }],
  ['the environment in test support', { 'test/support/a.ts': 'process.env;' }],
  [
    'the environment handed to a child',
    { 'scripts/a.ts': "import { spawn } from 'node:child_process';\nspawn('a', process.env);" },
  ],
  [
    'the rest of process',
    { 'src/main.ts': "import process from 'node:process';\nonce(process, 'SIGTERM'); process.exit();" },
  ],
  [
    'names that are members or keys',
    { 'src/vault/core/a.ts': 'const a = { console: 1, setTimeout: 2 }; clock.setTimeout(a.console);' },
  ],
  ['a call that only looks like a require', { 'src/vault/core/a.ts': "const load = pick;\nload('../http/a.ts');" }],
  ['a date made from an argument', { 'src/model/a.ts': 'const at = new Date(milliseconds);' }],
  [
    'a port of types',
    {
      'src/ports/a.ts':
        "import type { Id } from '../bytes/ids.ts';\nimport type { Code } from '../errors.ts';\n" +
        'type A = { get(id: Id): Promise<Code>; make: new () => unknown };\nexport interface B extends A { b: 1 }\n' +
        'export type C = typeof import.meta | { c: B };\nexport type { A };',
    },
  ],
  ['a long file that says why', { 'test/a.test.ts': `// Long because it is a table.\n${'a();\n'.repeat(300)}` }],
  [
    'a text that is matched',
    {
      'test/a.test.ts':
        'expect(told).toMatchObject({ err: expect.stringMatching(/whole/), n: 4 / 2 });\nconst a = [/b/];',
    },
  ],
  ['250 lines', { 'test/a.test.ts': 'a();\n'.repeat(249) }],
  ['the bin', { 'scripts/callvault.js': "await import(local ? '../src/cli/cli.ts' : '../dist/src/cli/cli.js');" }],
  ['serve with main', { 'scripts/serve.ts': "import { main } from '../src/main.ts';" }],
  [
    'the bench with a script and a rival',
    { 'test/bench/a.ts': "import 'age-encryption';\nimport { a } from '../../scripts/demo/a.ts';" },
  ],
  ['compose with an adapter', { 'src/compose.ts': "import { a } from './adapters/aws/a.ts';" }],
  [
    'a default in a config file',
    { 'src/console/vite.config.ts': "import { defineConfig } from 'vite';\nexport default defineConfig({});" },
  ],
  [
    'a diamond',
    {
      'src/model/a.ts': "import './b.ts';\nimport './c.ts';",
      'src/model/b.ts': "import './c.ts';",
      'src/model/c.ts': '',
    },
  ],
];

describe('the house', () => {
  it('is kept by the repository', () => {
    const tree = realTree();
    expect(tree.size).toBeGreaterThan(5);
    expect(checkHouse(tree).map(({ rule, file, line, what }) => `${file}:${line} ${rule}: ${what}`)).toEqual([]);
  });

  for (const [rule, planted] of Object.entries(PLANTED)) {
    it.each(planted)(`${rule}: catches %s`, (_, tree) => {
      const found = rule === 'first-line' ? checkHouse(new Map(Object.entries(tree))) : check(tree);
      expect(new Set(found.map((violation) => violation.rule))).toEqual(new Set([rule]));
    });
  }

  it.each(HARMLESS)('accepts %s', (_, tree) => {
    expect(check(tree)).toEqual([]);
  });

  it('reports file and line', () => {
    const tree = { 'src/model/a.ts': `const a = \`\n${hole('1')}\n\`;\nimport {\n  b,\n} from '../vault/b.ts';` };
    expect(check(tree)).toEqual([{ rule: 'arrow', file: 'src/model/a.ts', line: 5, what: 'model imports vault' }]);
  });
});

describe('the packages', () => {
  it('are locked without download addresses', () => {
    expect(read('package-lock.json').match(/"resolved":\s*"[a-z+]+:.*/g) ?? []).toEqual([]);
  });

  it('are named by exact versions', () => {
    const manifest: Record<string, unknown> = JSON.parse(read('package.json'));
    const kinds = Object.keys(manifest).filter((key) => /dependencies$/i.test(key));
    const named = kinds.flatMap((kind) => Object.entries(manifest[kind] ?? {}));
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(String(version)))).toEqual([]);
  });
});
