// The house rule of programs: a test file that starts one that a machine may lack asks `needs` for it, so that it is left out.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { TOP } from '../docs/documents.ts';

/** The needs that have each program; a file must ask for one of them. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  python3: ['python3', 'python-cryptography', 'moto'],
  ffmpeg: ['ffmpeg'],
  ffplay: ['ffmpeg'],
  mpv: ['mpv'],
  nginx: ['nginx'],
  caddy: ['caddy'],
  curl: ['curl'],
  aws: ['awscli'],
  promtool: ['promtool'],
  shellcheck: ['shellcheck'],
  chromium: ['chromium'],
  cc: ['softhsm2'],
  'docker-compose': ['docker-compose'],
  'pkcs11-tool': ['softhsm2'],
  'softhsm2-util': ['softhsm2'],
  'systemd-analyze': ['systemd-analyze'],
};

const STARTS = /\b(?:spawn|exec|run)\w*\(\s*\[?'(?:\/usr\/s?bin\/)?([\w-]+)'/g;

function filesIn(folder: string): string[] {
  const names = readdirSync(join(TOP, folder), { recursive: true, encoding: 'utf8' });
  return names.map((name) => join(folder, name));
}

/** The programs that a source starts by name. */
function startedIn(source: string): string[] {
  const names = [...source.matchAll(STARTS)].map(([, name]) => name ?? '');
  return [...new Set(names.filter((name) => name in PROGRAMS))];
}

/** The exported functions of a source that start a program, with the programs. */
function startersIn(source: string): [name: string, programs: readonly string[]][] {
  return source.split(/^export (?=(?:async )?function )/m).flatMap((piece) => {
    const [, name] = /^(?:async )?function (\w+)/.exec(piece) ?? [];
    const programs = startedIn(piece);
    const one: [string, string[]][] = name === undefined || programs.length === 0 ? [] : [[name, programs]];
    return one;
  });
}

/** The programs that a test file starts, itself or by a function of the support files, and does not ask for. */
function missingIn(source: string, starters: ReadonlyMap<string, readonly string[]>): string[] {
  const imported = new Set(
    [...source.matchAll(/import \{([^}]*)\} from '[^']*support\//g)].flatMap(([, names = '']) => names.split(/[\s,]+/)),
  );
  const called = [...starters].filter(([name]) => imported.has(name));
  const programs = new Set([...startedIn(source), ...called.flatMap(([, those]) => those)]);
  const asked = [...source.matchAll(/\b(?:needs\(|server: )'([\w-]+)'/g)].map(([, name]) => name ?? '');
  return [...programs].filter((program) => !PROGRAMS[program]?.some((need) => asked.includes(need)));
}

describe('a test file that starts a program', () => {
  const starters = new Map(
    filesIn('test/support')
      .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts') && !path.includes('needs'))
      .flatMap((path) => startersIn(readFileSync(join(TOP, path), 'utf8'))),
  );

  it('asks for it', () => {
    const files = filesIn('test').filter(
      (path) => path.endsWith('.test.ts') && !path.endsWith('support/needs.test.ts'),
    );
    expect(files.length).toBeGreaterThan(500);
    const faults = files.flatMap((path) =>
      missingIn(readFileSync(join(TOP, path), 'utf8'), starters).map((program) => `${path} starts ${program}`),
    );
    expect(faults).toEqual([]);
  });

  it.each([
    ["spawnSync('/usr/bin/python3', ['x.py'])", ['python3']],
    ["const python = needs('python-cryptography');\nspawnSync('/usr/bin/python3', ['x.py'])", []],
    ["await runProgram('shellcheck', [])", ['shellcheck']],
    ["import { sealAll, verified } from '../support/sealed-deployment.ts';", ['python3']],
    ["spawnSync('sh', [])", []],
  ])('is found: %s', (source, missing) => {
    expect(missingIn(source, starters)).toEqual(missing);
  });
});
