// Programs that a suite needs and a machine may lack: the suite is skipped with the reason in its name, never in CI.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { postgresPrograms } from './servers/postgres.ts';
import { makesSmallDisks } from './small-disk.ts';

/** Where Debian puts the module. */
export const SOFTHSM_MODULE = '/usr/lib/softhsm/libsofthsm2.so';

type Need = { readonly look: () => boolean; readonly install: string };

const NEEDS = {
  'python-cryptography': {
    look: () =>
      spawnSync('/usr/bin/python3', ['-c', 'import cryptography.hazmat.primitives.ciphers.aead']).status === 0,
    install: 'apt-get install -y python3 python3-cryptography',
  },
  python3: {
    look: () => existsSync('/usr/bin/python3'),
    install: 'apt-get install -y --no-install-recommends python3',
  },
  curl: {
    look: () => spawnSync('curl', ['--version']).status === 0 && spawnSync('bash', ['--version']).status === 0,
    install: 'apt-get install -y curl bash',
  },
  'sip-tester': {
    look: () => ['sipp', 'baresip'].every(isProgram),
    install: 'apt-get install -y --no-install-recommends sip-tester baresip-core',
  },
  ceph: {
    look: () => ['radosgw', 'ceph-mon', 'ceph-osd', 'curl'].every(isProgram),
    install: 'apt-get install -y --no-install-recommends radosgw ceph-mon ceph-osd ceph-common curl',
  },
  moto: {
    look: () => spawnSync('/usr/bin/python3', ['-c', 'import moto.server, flask_cors']).status === 0,
    install: 'apt-get install -y --no-install-recommends python3-moto python3-flask-cors',
  },
  postgresql: {
    look: () => postgresPrograms() !== null,
    install: 'apt-get install -y --no-install-recommends postgresql',
  },
  awscli: {
    look: () => existsSync('/usr/bin/aws'),
    install: 'apt-get install -y --no-install-recommends awscli',
  },
  'systemd-analyze': {
    look: () => isProgram('systemd-analyze'),
    install: 'apt-get install -y --no-install-recommends systemd',
  },
  chromium: {
    look: () => existsSync('/usr/bin/chromium'),
    install: 'apt-get install -y --no-install-recommends chromium fonts-noto-cjk',
  },
  nginx: {
    look: () => existsSync('/usr/sbin/nginx') && existsSync('/proc/self/fd'),
    install: 'apt-get install -y --no-install-recommends nginx-light',
  },
  caddy: {
    look: () => existsSync('/usr/bin/caddy'),
    install: 'apt-get install -y --no-install-recommends caddy',
  },
  ffmpeg: {
    look: () => isProgram('ffmpeg') && isProgram('ffplay'),
    install: 'apt-get install -y --no-install-recommends ffmpeg',
  },
  shellcheck: {
    look: () => isProgram('shellcheck'),
    install: 'apt-get install -y --no-install-recommends shellcheck',
  },
  softhsm2: {
    // The module, and the package that the sources load it by: npm leaves it out where it cannot be built.
    look: () =>
      ['softhsm2-util', 'pkcs11-tool', 'cc'].every(isProgram) && existsSync(SOFTHSM_MODULE) && isInstalled('pkcs11js'),
    install: 'apt-get install -y --no-install-recommends softhsm2 opensc g++ make python3; npm ci',
  },
  promtool: {
    look: () => isProgram('promtool'),
    install: 'apt-get install -y --no-install-recommends prometheus',
  },
  mpv: {
    look: () => isProgram('mpv'),
    install: 'apt-get install -y --no-install-recommends mpv',
  },
  'small-disk': {
    look: makesSmallDisks,
    install: 'run the tests as root, who may mount a tmpfs',
  },
  'docker-compose': {
    // Only the program: reading a compose file needs no engine.
    look: () => spawnSync('docker-compose', ['version']).status === 0,
    install: 'apt-get install -y --no-install-recommends docker-compose',
  },
} satisfies Record<string, Need>;

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url)(name);
    return true;
  } catch {
    return false;
  }
}

function isProgram(name: string): boolean {
  return (process.env['PATH'] ?? '').split(delimiter).some((folder) => existsSync(join(folder, name)));
}

/** Whether the machine has it; `reason` names what is missing and how to install it. In CI a missing need throws. */
export function needs(name: keyof typeof NEEDS): { present: boolean; reason: string } {
  const need = NEEDS[name];
  if (need.look()) return { present: true, reason: '' };
  const reason = `needs ${name}: ${need.install}`;
  if (process.env['CI']) throw new Error(reason);
  return { present: false, reason };
}

/** The missing programs of this machine, one line each, with the suites that are skipped. */
export function missingNeeds(): string[] {
  return Object.entries(NEEDS).flatMap(([name, { look, install }]) => (look() ? [] : [`${name} (${install})`]));
}
