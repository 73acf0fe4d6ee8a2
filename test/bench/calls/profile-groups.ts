// Self time of a V8 profile by groups of what a server does.

/** A profile as the inspector returns it (https://chromedevtools.github.io/devtools-protocol/v8/Profiler/). */
export type CpuProfile = {
  readonly nodes: readonly ProfileNode[];
  readonly samples?: readonly number[];
  readonly timeDeltas?: readonly number[];
};

type ProfileNode = {
  readonly id: number;
  readonly callFrame: {
    readonly functionName: string;
    readonly url: string;
    readonly lineNumber: number;
    readonly columnNumber: number;
  };
  readonly children?: readonly number[];
};

const NOT_COUNTED = 'not counted';

/** Groups by a part of `file#function`; the first that matches counts. */
const GROUPS: readonly (readonly [group: string, frames: RegExp])[] = [
  ['GC', /^#\(garbage collector\)$/],
  // Besides idle time, the inspector's own work and the bench's.
  [NOT_COUNTED, /^#\(idle\)$|^#dispatch$|\/calls\/probe\./],
  ['program and native', /^#\((program|root)\)$/],
  ['SQL: prepare', /#sqlPrepare$/],
  ['SQL: commit', /#sqlCommit$/],
  ['SQL: execute, begin', /#sqlExecute$/],
  ['SQL: result mapping', /\/plugin\/camel-case\/|\/adapters\/sql\/[a-z-]*mapping\./],
  [
    'SQL: driver and promises',
    /\/kysely\/dist\/.*\/(driver|dialect|query-executor)\/|\/better-sqlite3\/|\/calls\/drivers\./,
  ],
  ['SQL: build and compile', /\/kysely\/|\/adapters\/sql\//],
  ['PostgreSQL driver', /\/node_modules\/pg[a-z-]*\//],
  ['S3 client', /\/@aws-sdk\/|\/@smithy\/|\/@aws-crypto\/|\/adapters\/aws\//],
  ['canonical JSON', /\/bytes\/canonical-json\.|\/canonicalize\/|\/envelope\/(authenticated-json|json-members)\./],
  ['crypto', /node:crypto|node:internal\/crypto|\/envelope\/|\/bytes\/(derivation|digest)\.|\/local\/keyring/],
  ['files', /node:(internal\/)?fs|\/adapters\/local\//],
  ['logging and metrics', /\/pino|\/sonic-boom|\/prom-client|\/src\/measure\/|\/src\/main\/(log|process-metrics)\./],
  ['telephone numbers, peaks', /\/adapters\/media\/|\/libphonenumber-js\/|\/(mpg123|opus)-decoder\//],
  [
    'HTTP and validation',
    /\/@?hono\/|\/zod\/|node:(internal\/)?(_?http|net|stream|webstream|url|deps\/undici)|\/src\/(http|main)\//,
  ],
];

const REST = 'verbs and the rest';

/** Names of all groups, in the order of a table. */
export const GROUP_NAMES: readonly string[] = [
  ...GROUPS.map(([group]) => group).filter((name) => name !== NOT_COUNTED),
  REST,
];

/** The group of a frame by its own name or file; null for one that belongs to its caller. */
function ownGroup(functionName: string, url: string): string | null {
  const found = GROUPS.find(([, frames]) => frames.test(`${url}#${functionName}`));
  if (found !== undefined) return found[0];
  // V8's own functions, such as those of JSON and Array, and Node's that serve everyone.
  return url === '' || url.startsWith('node:') || url.startsWith('wasm:') ? null : REST;
}

/** Frames whose callees all belong to them. */
const WHOLE = new Set([NOT_COUNTED, 'SQL: prepare', 'SQL: commit', 'SQL: execute, begin', 'canonical JSON']);

/** The file that a frame's function was written in; its build may have joined many. */
export type SourceOf = (frame: ProfileNode['callFrame']) => string;

/** Milliseconds of self time by group, without idle time. */
export function timeByGroup(
  { nodes, samples = [], timeDeltas = [] }: CpuProfile,
  sourceOf: SourceOf = ({ url }) => url,
): ReadonlyMap<string, number> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const groups = new Map<number, string>();
  const [root] = nodes;
  const waiting: (readonly [number, string])[] = root === undefined ? [] : [[root.id, REST]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [id, callers] = next;
    const node = byId.get(id);
    if (node === undefined) continue;
    const group = WHOLE.has(callers)
      ? callers
      : (ownGroup(node.callFrame.functionName, sourceOf(node.callFrame)) ?? callers);
    groups.set(id, group);
    // What the root calls natively belongs to no group yet.
    const passed = id === root?.id ? REST : group;
    for (const child of node.children ?? []) waiting.push([child, passed]);
  }
  const times = new Map<string, number>();
  samples.forEach((id, n) => {
    const group = groups.get(id) ?? REST;
    if (group !== NOT_COUNTED) times.set(group, (times.get(group) ?? 0) + (timeDeltas[n] ?? 0) / 1000);
  });
  return times;
}
