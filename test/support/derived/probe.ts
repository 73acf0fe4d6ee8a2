// Probes of every operation with every role and another tenant's people, and the mistakes they find.
import { type IdKind, newId } from '../../../src/bytes/ids.ts';
import { ROLES } from '../../../src/model/principal.ts';
import { type Browser, signInBrowser } from '../browser.ts';
import type { Cast, RequestOptions, World } from '../world.ts';
import { makeTenantFixtures, type TenantFixtures } from './fixtures.ts';
import type { Operation } from './operations.ts';

/** A way to call: by key or by cookie. */
type ApiCaller = { readonly how: string; readonly role: string; readonly call: Browser['call'] };

/** One person of each role by key and by browser, and an operator. */
export async function callersOf(world: World, cast: Cast): Promise<ApiCaller[]> {
  const ways: ApiCaller[] = [];
  for (const role of ['uploader', 'reviewer', 'supervisor', 'privacy', 'auditor', 'admin'] as const) {
    const { id, key } = cast[role];
    ways.push({ how: 'key', role, call: (method, path, sent) => world.call(method, path, { ...sent, key }) });
    if (role === 'uploader') continue;
    ways.push({ how: 'cookie', role, call: (await signInBrowser(world, cast.tenant, id)).call });
  }
  const operator = await world.operator(`ops-${ways.length}`);
  return [
    ...ways,
    { how: 'cookie', role: 'operator', call: (await signInBrowser(world, 'deployment', operator)).call },
  ];
}

/** The operations that allow a role that the document excludes, or deny one that it lists. */
export async function permissionMistakes(
  world: World,
  operations: readonly Operation[],
  ways: readonly ApiCaller[],
): Promise<string[]> {
  const wrong: string[] = [];
  for (const operation of operations) {
    const { roles, name } = operation;
    if (roles === null) continue;
    for (const role of roles)
      if (!(ROLES as readonly string[]).includes(role)) wrong.push(`${name} is for ${role}, which is no role`);
    const { path, sent } = operation.call(idsFor(operation, (kind) => newId(kind)));
    const anybody = await comparableReply(world.call(operation.method, path, sent));
    if (anybody.status !== 401) wrong.push(`${name} answers ${anybody.status} without a credential`);
    for (const way of ways) {
      // Everyone may sign out, and it would end this browser's session.
      if (/sign-ins?$/.test(path) && operation.method === 'DELETE') continue;
      const reply = await comparableReply(way.call(operation.method, path, sent));
      const refused = reply.status === 403 && reply.text.includes('"code":"forbidden"');
      // An API key has the role but no browser to add a passkey to.
      const own = way.how === 'key' && path.startsWith('/v1/passkeys');
      if (roles.includes(way.role) ? refused && !own : !refused)
        wrong.push(`${name} answers ${reply.status} to ${way.role} by ${way.how}`);
    }
  }
  return wrong;
}

/**
 * The operations that let people of one tenant see or change another's objects: a foreign object must look like a missing one,
 * in status, body and headers, and no list may contain it.
 */
export async function crossTenantLeaks(
  world: World,
  operations: readonly Operation[],
  from: Cast,
  to: Cast,
): Promise<string[]> {
  const foreign = await makeTenantFixtures(world, from);
  const ways = (await callersOf(world, to)).filter(({ role }) => role !== 'operator');
  const leaks: string[] = [];
  for (const operation of operations) {
    const { name, roles } = operation;
    if (roles === null || roles.every((role) => role === 'operator')) continue;
    if (operation.method === 'DELETE' && operation.ids.length === 0) continue;
    for (const way of ways.filter(({ role }) => roles.includes(role))) {
      const as = `${name} as ${way.role} by ${way.how}`;
      const before = await world.snapshotOf(from.tenant);
      const reply = await comparableReply(
        tryWith(
          way,
          operation,
          idsFor(operation, (kind) => idOf(foreign, kind, name)),
        ),
      );
      if ((await world.snapshotOf(from.tenant)) !== before) leaks.push(`${as} changes what is not theirs`);
      if (operation.ids.length === 0) {
        for (const word of [...Object.values(foreign.ids), ...foreign.words])
          if (reply.text.includes(word)) leaks.push(`${as} shows ${word.slice(0, 4)}…`);
        continue;
      }
      const missing = await comparableReply(
        tryWith(
          way,
          operation,
          idsFor(operation, (kind) => newId(kind)),
        ),
      );
      // An API key has no passkey, whatever it would decide on.
      const unable = way.how === 'key' && name.endsWith('/options') && reply.status === 409;
      if (reply.status !== 404 && !unable && !(reply.status === 403 && missing.status === 403))
        leaks.push(`${as} answers ${reply.status}`);
      if (reply.text !== missing.text || reply.headers !== missing.headers)
        leaks.push(`${as} distinguishes foreign from missing`);
    }
  }
  return leaks;
}

/** Calls an operation with these ids. */
export function tryWith(
  way: ApiCaller,
  operation: Operation,
  ids: Readonly<Record<string, string>>,
): Promise<Response> {
  const { path, sent } = operation.call(ids);
  return way.call(operation.method, path, sent as RequestOptions);
}

export function idOf({ ids }: TenantFixtures, kind: IdKind, name: string): string {
  const id = ids[kind];
  if (id === undefined) throw new Error(`${name} takes a ${kind}, and nobody has made one to try it with`);
  return id;
}

/** An id for each parameter of an operation. */
export function idsFor({ ids }: Operation, of: (kind: IdKind) => string): Record<string, string> {
  return Object.fromEntries(ids.map(({ place, kind }) => [place, of(kind)]));
}

/** A complete reply, or the beginning of an endless one, without the parts that differ between requests. */
export async function comparableReply(sent: Promise<Response>) {
  const reply = await sent;
  const stream = (reply.headers.get('content-type') ?? '').startsWith('text/event-stream');
  const text = stream ? '' : await reply.text();
  if (stream) await reply.body?.cancel();
  const headers = [...reply.headers].filter(([name]) => !/^(x-request-id|date|set-cookie|traceparent)$/.test(name));
  return {
    status: reply.status,
    text: text.replace(/"request_id":"[0-9a-f-]{36}"/, ''),
    headers: JSON.stringify(headers),
  };
}
