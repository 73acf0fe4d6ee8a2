// The table of rooms: the rooms and packages that each may import (decision 0001).

/** `type x` allows only types of x; a trailing `*` matches any ending. A room may import itself. */
export type Room = { rooms: string[]; packages: string[] };

const VALUES = ['ports', 'model', 'model/log', 'envelope', 'bytes', 'errors'];
/** Adapters whose work runs in worker threads too. */
const THREADED = [...VALUES, 'adapters/threads'];
const OPERATIONS = [
  'config',
  'compose',
  'main',
  'vault',
  'envelope',
  'model',
  'model/log',
  'messages',
  'connectors',
  'bytes',
  'errors',
  'client',
  'relay',
];

export const ROOMS = new Map<string, Room>(
  Object.entries({
    errors: { rooms: [], packages: [] },
    bytes: { rooms: ['errors'], packages: ['node:crypto', 'uuidv7'] },
    messages: { rooms: [], packages: [] },
    config: { rooms: ['errors'], packages: ['zod'] },
    envelope: { rooms: ['bytes', 'errors'], packages: ['node:crypto', '@hpke/core'] },
    model: { rooms: ['model/log', 'bytes', 'errors'], packages: ['zod', 'csv-parse', 're2js'] },
    // One bundled file beside a PBX: no database, no key but a public one, no native module.
    relay: {
      rooms: ['envelope', 'client', 'model', 'model/log', 'messages', 'bytes', 'errors'],
      packages: ['node:*', 'commander'],
    },
    // The console runs it too: SHA-256 is an argument.
    'model/log': { rooms: [], packages: [] },
    ports: { rooms: ['type model', 'type model/log', 'type envelope', 'type bytes', 'type errors'], packages: [] },
    vault: { rooms: VALUES, packages: ['node:crypto'] },
    'adapters/aws': { rooms: VALUES, packages: ['node:*', '@aws-sdk/*', '@smithy/*'] },
    'adapters/threads': { rooms: [], packages: ['node:worker_threads'] },
    'adapters/local': { rooms: THREADED, packages: ['node:*'] },
    'adapters/pkcs11': { rooms: THREADED, packages: ['node:*', 'pkcs11js'] },
    'adapters/sql': { rooms: THREADED, packages: ['node:*', 'kysely', 'better-sqlite3', 'pg', 'pgpass'] },
    'adapters/webauthn': { rooms: VALUES, packages: ['node:crypto', '@simplewebauthn/server'] },
    'adapters/media': { rooms: THREADED, packages: ['node:*', 'libphonenumber-js', 'mpg123-decoder', 'opus-decoder'] },
    measure: { rooms: ['ports', 'bytes'], packages: ['prom-client', 'pino'] },
    http: {
      rooms: ['vault', 'model', 'model/log', 'bytes', 'messages', 'errors'],
      packages: [
        ...['hono', 'zod', '@hono/zod-openapi', 'type @hono/node-server'],
        ...['range-parser', 'structured-headers', 'rate-limiter-flexible', 'ipaddr.js', 'client-zip'],
      ],
    },
    client: { rooms: ['errors'], packages: ['node:*'] },
    connectors: { rooms: ['model', 'bytes', 'errors'], packages: ['node:crypto'] },
    work: { rooms: ['vault', 'bytes'], packages: [] },
    console: {
      rooms: ['messages', 'model/log', 'type http'],
      packages: [
        ...['react', 'react-dom', '@mantine/*', '@tanstack/*', 'wavesurfer.js', 'i18next', 'react-i18next'],
        ...['vite', '@vitejs/*', 'lucide-react', 'dayjs', '@simplewebauthn/browser', '@noble/hashes', '@noble/curves'],
      ],
    },
    compose: { rooms: ['config', 'vault', 'adapters/*', 'measure', ...VALUES], packages: [] },
    main: {
      rooms: ['config', 'compose', 'http', 'work', 'bytes', 'errors'],
      packages: ['node:*', '@hono/node-server', 'pino', 'prom-client', 'swagger-ui-dist'],
    },
    cli: {
      rooms: OPERATIONS,
      packages: ['node:*', 'commander', '@clack/prompts', 'cli-progress', 'csv-parse'],
    },
    scripts: { rooms: ['cli', ...OPERATIONS], packages: ['node:*', 'tsx', 'rolldown'] },
    // What documents have from the code.
    'scripts/docs': { rooms: ['http', 'vault', 'messages', 'model', 'model/log'], packages: ['node:*'] },
    test: { rooms: ['*'], packages: ['*'] },
  }),
);

/** The folders of `src/vault` that each feature may import; `core` imports none of the others. The arrows form no cycle. */
export const FEATURES = new Map<string, string[]>(
  Object.entries({
    core: [],
    access: ['core'],
    amendments: ['core', 'comments', 'verify'],
    assignments: ['core', 'access'],
    catalogue: ['core', 'access', 'changes'],
    certificates: ['core', 'sealing', 'subjects'],
    changes: ['core', 'access', 'holds', 'people', 'retention', 'subjects'],
    clock: ['core', 'access', 'changes'],
    commands: ['core', 'changes', 'clock', 'erasure', 'keys', 'log-restore', 'offline', 'people', 'rebuild', 'sign-in'],
    comments: ['core', 'listening'],
    completeness: ['core', 'deposit'],
    consent: ['core', 'access'],
    deposit: ['core'],
    doctor: ['core', 'sealing'],
    erasure: ['core', 'deposit'],
    'event-feed': ['core'],
    exposure: ['core'],
    health: ['core'],
    holds: ['core'],
    indexing: ['core'],
    keys: ['core'],
    listening: ['core', 'access'],
    log: ['core'],
    'log-restore': ['core', 'access', 'changes', 'erasure', 'people', 'sealing'],
    offline: ['core'],
    people: ['core'],
    rebuild: ['core', 'access', 'comments', 'deposit', 'erasure', 'offline', 'retention', 'sealing'],
    reencrypt: ['core', 'deposit'],
    replay: ['core', 'rebuild', 'verify'],
    restored: [
      'core',
      'changes',
      'commands',
      'erasure',
      'log-restore',
      'offline',
      'rebuild',
      'replay',
      'retention',
      'verify',
    ],
    retention: ['core', 'erasure'],
    sealing: ['core', 'verify'],
    'sign-in': ['core'],
    sweep: ['core', 'offline', 'verify'],
    subjects: ['core', 'access', 'consent', 'erasure', 'listening'],
    teams: ['core', 'changes'],
    tenants: ['core', 'access', 'changes', 'people'],
    verify: ['core', 'access', 'changes', 'comments'],
  }),
);

/** The feature of a path, or undefined outside `src/vault`. */
export function featureOf(path: string): string | undefined {
  return /^src\/vault\/([^/]+)/.exec(path)?.[1];
}

/** The room of a path, or undefined if no room covers it. */
export function roomOf(path: string): string | undefined {
  const [top, ...rest] = path.replace(/\.[a-z.]+$/, '').split('/');
  if (top === 'test') return 'test';
  if (top === 'scripts') return rest[0] === 'docs' ? 'scripts/docs' : 'scripts';
  const inside = rest[0] === 'adapters' || (rest[0] === 'model' && rest[1] === 'log' && rest.length > 2);
  const name = rest.slice(0, inside ? 2 : 1).join('/');
  return top === 'src' && ROOMS.has(name) ? name : undefined;
}

export function mayImport(list: string[], name: string, typeOnly: boolean): boolean {
  return list.some((entry) => {
    const wanted = entry.replace(/^type /, '');
    if (wanted !== entry && !typeOnly) return false;
    return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : name === wanted;
  });
}
